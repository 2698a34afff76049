#pragma once

#include <cstdint>
#include <vector>

#include "CSimdJSON.h"

struct sj_plan;

// What the texts that were read lately have in common: all that stands between their values, and where the values go.
//
// Texts of one writer have the same brackets, keys, colons, commas and white space in the same places. Where a text has
// them, nobody has to find its tokens, nor what a key means, nor which bracket may come where: it is enough that the same
// bytes stand there. What differs from text to text (strings, numbers, true, false, null) is checked as ever.
//
// A text that has not quite a known outline, or any escape, is walked as if there were none: an outline decides neither
// whether a text is accepted nor what is in it.
class sj_outlines {
public:
    sj_outlines() { forget(); }

    // Takes the values of a text with a known outline. False if it has none; then some of the values may have been
    // written.
    bool follow(const sj_plan &plan, const uint8_t *json, uint32_t count, sj_value *values) const;

    // Counts a text that is walked. True if its outline should be learnt: where every text has another, few are.
    bool may_learn();

    // A text's outline, as the walk comes to it. `node`: where a value goes.
    void begin(const sj_plan &plan, const uint8_t *json);
    // The string or scalar from `begin` to before `end`.
    void value(uint32_t begin, uint32_t end, uint32_t node);
    // A bracket around what goes to `node`.
    void bracket(uint32_t at, uint32_t node);
    // The text was sound, and is known from now on.
    void end(uint32_t count);

    // Nothing is known any more.
    void forget();

private:
    static constexpr uint32_t NONE = UINT32_MAX;

    // A bracket around a value that is wanted whole.
    struct bracket_place {
        // From the beginning of its run.
        uint32_t offset;
        uint32_t node;
    };

    // What few runs have.
    struct extra {
        // The value's node if it has more slots than one.
        uint32_t node = NONE;
        std::vector<bracket_place> brackets;
        // Behind the last run: the slots for which the text has nothing.
        std::vector<uint32_t> missing;
    };

    // What stands between two values, before the first or behind the last, and then the value. Runs are a tree: after a
    // value comes one of several.
    struct run {
        // Its bytes. Behind them there is a block of zeros.
        uint32_t begin = 0;
        uint32_t count = 0;
        // Where the value goes, if it is wanted: the first of its node's slots.
        uint32_t slot = NONE;
        // What may come behind the value, and what may stand here instead.
        uint32_t next = NONE;
        uint32_t other = NONE;
        // The place of its extra, if it has one.
        uint32_t extra = NONE;
        // Which bytes of its last block there are.
        uint16_t mask = 0;
        // Whether it is a text's last one, without a value behind it.
        bool is_last = false;
    };

    // A text that is being learnt. Its runs are apart from the others until it has turned out to be sound; they begin
    // at places in it.
    struct learning {
        const sj_plan *plan = nullptr;
        const uint8_t *json = nullptr;
        // Behind the last value.
        uint32_t at = 0;
        std::vector<run> runs;
        // One for each run, and for the next one.
        std::vector<extra> extras;
        // Slots for which something was found.
        std::vector<uint32_t> found;
    };

    // The first has no bytes, and behind it comes what a text may begin with.
    std::vector<run> runs;
    std::vector<extra> extras;
    std::vector<uint8_t> bytes;
    learning lesson;
    // How many texts' learning is paid for.
    uint32_t budget = FIRST_LEARNINGS * TEXTS_PER_LEARNING;

    // A text with more values has no outline: its arrays are long, and the next text's are of another length.
    static constexpr uint32_t MAXIMUM_VALUES = 512;
    static constexpr uint32_t MAXIMUM_RUNS = 4096;
    static constexpr uint32_t MAXIMUM_BYTES = 256 * 1024;
    static constexpr uint32_t MAXIMUM_ALTERNATIVES = 16;
    // One text in so many is learnt, and the first few at once.
    static constexpr uint32_t TEXTS_PER_LEARNING = 32;
    static constexpr uint32_t FIRST_LEARNINGS = 64;

    void add_run(uint32_t end, bool is_last);
    uint32_t find(const run &wanted, uint32_t parent, uint32_t &alternatives) const;
    uint32_t add(const run &learnt, const extra &extra, uint32_t parent);
    void keep();
};
