#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "CSimdJSON.h"
#include "Outline.hpp"

// The targets as a trie: a node per key on the way to any of them.
struct sj_plan {
    static constexpr uint32_t NONE = UINT32_MAX;

    struct child {
        std::string key;
        // The key as an array index, or NONE.
        uint32_t index;
        uint32_t node;
    };

    // A key's first and last bytes as numbers: with its size, all of a key of up to 16 bytes. Keys are short, and two
    // loads that may overlap are cheaper than a call.
    struct ends {
        uint64_t first = 0;
        uint64_t last = 0;

        ends(const uint8_t *key, size_t count) {
            if (count >= 8) {
                first = load<uint64_t>(key);
                last = load<uint64_t>(key + count - 8);
            } else if (count >= 4) {
                first = load<uint32_t>(key);
                last = load<uint32_t>(key + count - 4);
            } else if (count != 0) {
                first = key[0] | static_cast<uint64_t>(key[count / 2]) << 8;
                last = key[count - 1];
            }
        }

        template <typename Word>
        static Word load(const uint8_t *bytes) {
            Word word;
            std::memcpy(&word, bytes, sizeof word);
            return word;
        }

        size_t hash(size_t count) const {
            return static_cast<size_t>(((first ^ last * 31 ^ count) * 0x9E3779B97F4A7C15u) >> 32);
        }
    };

    // A child by its key. Free: node is NONE.
    struct place {
        uint64_t first = 0;
        uint64_t last = 0;
        uint32_t count = UINT32_MAX;
        uint32_t node = NONE;
        // Its place among the children, where all of a long key is.
        uint32_t child = 0;
    };

    struct node {
        std::vector<child> children;
        // Children by hash. A power of two, at least four times the children.
        std::vector<place> table;
        // Where a value found here goes.
        std::vector<uint32_t> slots;

        // A value that was found here.
        __attribute__((always_inline)) void put(
            sj_value *values, const uint8_t *bytes, size_t size, sj_kind kind) const {
            for (uint32_t slot : slots) {
                values[slot] = sj_value{bytes, static_cast<uint32_t>(size), static_cast<uint8_t>(kind)};
            }
        }

        // The node of a key of an object.
        __attribute__((noinline)) uint32_t find(const uint8_t *key, size_t count) const {
            const size_t size = table.size();
            if (size == 0) return NONE;
            const ends wanted(key, count);
            const place *const places = table.data();
            for (size_t at = wanted.hash(count) & (size - 1); places[at].node != NONE; at = (at + 1) & (size - 1)) {
                const place &found = places[at];
                if (found.first != wanted.first || found.last != wanted.last || found.count != count) continue;
                if (count <= 16 || std::memcmp(children[found.child].key.data(), key, count) == 0) return found.node;
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
    // A plan is used by one thread at a time.
    mutable sj_outlines outlines;

    // Nothing has been found for these slots.
    static void clear(const std::vector<uint32_t> &slots, sj_value *values) {
        for (uint32_t slot : slots) values[slot] = sj_value{nullptr, 0, SJ_MISSING};
    }

    bool add(const sj_target &target);
    void index_children();
};
