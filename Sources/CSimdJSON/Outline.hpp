#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "CSimdJSON.h"
#include "Scalar.hpp"

struct sj_plan;

// What texts of one writer have in common: their brackets and keys, in their order, and where their values go. In a text
// with a known outline nobody has to find out what a key means, or which bracket may come where: it is enough that the
// same bytes stand there. What differs from text to text (strings, numbers, true, false, null) is checked as ever.
//
// A text that has not quite this outline is walked as if there were none, so an outline decides neither whether a text
// is accepted nor what is in it.
class sj_outline {
public:
    // A text with more tokens has none: its arrays are long, and the next text's are of another length.
    static constexpr uint32_t MAXIMUM_TOKENS = 1024;

    // 0: there is none.
    uint32_t tokens_count = 0;
    // How often it was of use lately; what is worth nothing makes room.
    uint8_t worth = 0;

    // Takes the values of a text with as many tokens as this outline, without escapes. False if it is not of this
    // outline; then some of the values may have been written.
    bool follow(const sj_plan &plan, const uint8_t *json, uint32_t count, const uint32_t *tokens, sj_value *values);

    // A text's steps, as the walk comes to them. Places are those of tokens among the text's.
    // Behind the opening bracket of the text:
    void begin();
    // `before`: the comma or bracket before it. `key`: with its quotes and colon, no bytes in an array. `node`: where the
    // value goes, which begins with `c`.
    void value(uint32_t place, uint8_t before, uint8_t c, uint32_t node, const uint8_t *key, uint32_t key_count);
    void close(uint32_t place, uint8_t bracket, uint32_t node, uint32_t opening);
    // Behind the last bracket.
    void end(const sj_plan &plan, uint32_t count);

private:
    struct step {
        // The first 16 bytes of the key, its quotes and colon, and which of their bits there are.
        uint64_t key[2];
        uint64_t mask[2];
        // All of them among `keys`.
        uint32_t key_begin;
        uint32_t key_count;
        uint32_t node;
        // The value's place or the closing bracket's, and that bracket's opening one.
        uint32_t place;
        uint32_t opening;
        // The comma or bracket before a value; 0 for a closing bracket.
        uint8_t before;
        // The bracket to be found; 0 for a string or scalar.
        uint8_t bracket;
    };

    std::vector<step> steps;
    std::string keys;
    // Where nothing goes.
    std::vector<uint32_t> missing;
    bool is_regular = false;
    // The step at which the last text turned out to have another outline. Of two outlines with as many tokens each, the
    // wrong one is mostly seen here at once.
    size_t parting = 0;

    bool fits(const step &step, const uint8_t *json, uint32_t count, const uint32_t *tokens) const;
};

// The outlines that were met lately, by their number of tokens.
class sj_outlines {
public:
    // True if the text has one of them, and its values were taken.
    bool follow(
        const sj_plan &plan, const uint8_t *json, uint32_t count, const uint32_t *tokens, uint32_t tokens_count,
        sj_value *values);

    // The outline whose place that of a text with so many tokens may take; null if none may.
    sj_outline *unused(uint32_t tokens_count);

private:
    static constexpr uint32_t SETS = 32;
    static constexpr uint32_t WAYS = 2;
    // A new one stays for at least so many texts that it is not the outline of, so that where every text has another,
    // few are noted.
    static constexpr uint8_t FIRST_WORTH = 8;
    static constexpr uint8_t MAXIMUM_WORTH = 64;

    std::array<std::array<sj_outline, WAYS>, SETS> sets;
};
