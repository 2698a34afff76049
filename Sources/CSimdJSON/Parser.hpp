#pragma once

#include <simdjson.h>

#include <memory>

#include "Plan.hpp"

// Memory that is kept from one text to the next.
struct sj_parser {
    // Texts up to this size never make a parser grow; after a larger one it goes back to it.
    static constexpr size_t USUAL_BYTES = 64 * 1024;

    struct scope {
        // The opening bracket's place among the tokens.
        uint32_t opening;
        uint32_t node;
        // How many members or elements have begun, and where the key of the newest begins.
        uint32_t members;
        uint32_t key;
        uint8_t closing;
    };

    std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1;
    // Only for its unescaping.
    simdjson::ondemand::parser unescaper;
    // The text with padding behind it (unescaping reads ahead), and the unescaped strings.
    std::unique_ptr<uint8_t[]> padded;
    std::unique_ptr<uint8_t[]> strings;
    size_t capacity = 0;
    size_t scratch_capacity = 0;
    // simdjson's implementation without SIMD looks one byte past the end when it checks UTF-8.
    bool reads_past_end = false;

    // Which nodes the text in hand has come to, by its number: the first of several equal keys counts.
    std::unique_ptr<uint32_t[]> visits;
    size_t visits_capacity = 0;
    uint32_t visit = 0;

    scope scopes[SJ_MAXIMUM_DEPTH];
    sj_failure failure{0, "", ""};
    char path[SJ_MAXIMUM_PATH + 1] = "";

    bool reserve(size_t count);
    bool reserve_scratch(size_t count);
    bool begin_visit(const sj_plan &plan);
};
