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

        // Keys are short: two loads that may overlap are cheaper than a call.
        static bool equal(const void *a, const void *b, size_t count) {
            if (count > 16 || count < 2) return std::memcmp(a, b, count) == 0;
            if (count >= 8) return ends_equal<uint64_t>(a, b, count);
            return count >= 4 ? ends_equal<uint32_t>(a, b, count) : ends_equal<uint16_t>(a, b, count);
        }

        template <typename Word>
        static bool ends_equal(const void *a, const void *b, size_t count) {
            const size_t last = count - sizeof(Word);
            return load<Word>(a, 0) == load<Word>(b, 0) && load<Word>(a, last) == load<Word>(b, last);
        }

        template <typename Word>
        static Word load(const void *bytes, size_t offset) {
            Word word;
            std::memcpy(&word, static_cast<const uint8_t *>(bytes) + offset, sizeof word);
            return word;
        }

        static size_t hash(const uint8_t *key, size_t count) {
            return count == 0 ? 0 : count + key[0] * 5u + key[count - 1] * 17u;
        }

        uint32_t find(const uint8_t *key, size_t count) const {
            if (children.empty()) return NONE;
            const size_t mask = table.size() - 1;
            const uint16_t *const places = table.data();
            for (size_t at = hash(key, count) & mask; places[at] != 0; at = (at + 1) & mask) {
                const child &found = children[places[at] - 1u];
                if (found.key.size() == count && equal(found.key.data(), key, count)) return found.node;
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
    // All slots of all nodes.
    std::vector<uint32_t> slots;

    bool add(const sj_target &target);
    void index_children();
};
