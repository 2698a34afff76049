#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "CSimdJSON.h"

// The targets as a trie: a node per key on the way to any of them.
struct sj_plan {
    static constexpr uint32_t NONE = UINT32_MAX;

    struct child {
        std::string key;
        // The key as an array index, or NONE.
        uint32_t index;
        uint32_t node;
    };

    struct node {
        std::vector<child> children;
        // Children by hash, as their place plus one; 0 is free. A power of two, at least four times the children.
        std::vector<uint16_t> table;
        // Where a value found here goes.
        std::vector<uint32_t> slots;

        static size_t hash(const uint8_t *key, size_t count) {
            return count == 0 ? 0 : count + key[0] * 5u + key[count - 1] * 17u;
        }

        uint32_t find(const uint8_t *key, size_t count) const {
            if (children.empty()) return NONE;
            const size_t mask = table.size() - 1;
            for (size_t at = hash(key, count) & mask; table[at] != 0; at = (at + 1) & mask) {
                const child &found = children[table[at] - 1];
                if (found.key.size() == count && std::memcmp(found.key.data(), key, count) == 0) return found.node;
            }
            return NONE;
        }

        uint32_t element(uint32_t index) const {
            for (const child &found : children) {
                if (found.index == index) return found.node;
            }
            return NONE;
        }
    };

    // The root is the first.
    std::vector<node> nodes;

    bool add(const sj_target &target);
    void index_children();
};
