#include "Parser.hpp"

#include <new>

#include "Walk.hpp"

bool sj_parser::reserve(size_t count) {
    const bool fits = count <= capacity;
    const bool oversized = capacity > USUAL_BYTES && count <= USUAL_BYTES;
    if (stage1 && fits && !oversized) return true;
    const size_t wanted = count > USUAL_BYTES ? count : USUAL_BYTES;
    if (oversized) {
        padded.reset();
        strings.reset();
        scratch_capacity = 0;
    }
    capacity = 0;
    stage1.reset();
    const auto *implementation = static_cast<const simdjson::implementation *>(simdjson::get_active_implementation());
    if (implementation->create_dom_parser_implementation(wanted, 1, stage1) != simdjson::SUCCESS) {
        stage1.reset();
        return false;
    }
    capacity = wanted;
    return true;
}

bool sj_parser::reserve_scratch(size_t count) {
    if (scratch_capacity >= count) return true;
    const size_t wanted = count > USUAL_BYTES ? count : USUAL_BYTES;
    scratch_capacity = 0;
    padded.reset(new (std::nothrow) uint8_t[wanted + simdjson::SIMDJSON_PADDING]());
    strings.reset(new (std::nothrow) uint8_t[wanted + simdjson::SIMDJSON_PADDING]());
    if (!padded || !strings) return false;
    scratch_capacity = wanted;
    return true;
}

bool sj_parser::begin_visit(const sj_plan &plan) {
    visit++;
    if (visits_capacity < plan.nodes.size() || visit == 0) {
        const size_t wanted = plan.nodes.size() > visits_capacity ? plan.nodes.size() : visits_capacity;
        visits_capacity = 0;
        visits.reset(new (std::nothrow) uint32_t[wanted]());
        if (!visits) return false;
        visits_capacity = wanted;
        visit = 1;
    }
    return true;
}

void sj_note_failure(sj_parser &parser, const uint8_t *json, uint32_t count, uint32_t depth, uint32_t offset,
                     const char *message) {
    size_t used = 0;
    const auto append = [&](char c) {
        if (used < SJ_MAXIMUM_PATH) parser.path[used++] = c;
    };
    for (uint32_t i = 0; i < depth; i++) {
        const sj_parser::scope &scope = parser.scopes[i];
        if (scope.members == 0) break;
        append('/');
        if (scope.closing == ']') {
            for (char c : std::to_string(scope.members - 1)) append(c);
            continue;
        }
        for (uint32_t at = scope.key + 1; at < count && json[at] != '"' && used < SJ_MAXIMUM_PATH; at++) {
            const char c = static_cast<char>(json[at]);
            if (c == '~' || c == '/') append('~');
            append(c == '~' ? '0' : c == '/' ? '1' : c);
        }
    }
    parser.path[used] = 0;
    parser.failure = sj_failure{offset, message, parser.path};
}

sj_parser *sj_parser_make(void) {
    // The only exceptions are those of the allocator, inside simdjson's constructors.
    sj_parser *parser = nullptr;
    try {
        parser = new sj_parser;
        parser->reads_past_end = simdjson::get_active_implementation()->name() == "fallback";
        if (parser->unescaper.allocate(simdjson::SIMDJSON_PADDING) == simdjson::SUCCESS && parser->reserve(0)) {
            return parser;
        }
    } catch (...) {
    }
    delete parser;
    return nullptr;
}

void sj_parser_free(sj_parser *parser) { delete parser; }

sj_failure sj_last_failure(const sj_parser *parser) { return parser->failure; }

bool sj_is_utf8(const uint8_t *bytes, size_t count) {
    return simdjson::validate_utf8(reinterpret_cast<const char *>(bytes), count);
}

namespace {

// One text, on its way to its values.
struct reading {
    sj_parser &parser;
    const sj_plan &plan;
    const uint8_t *const json;
    const size_t count;
    sj_value *const values;

    sj_status fail(sj_status status, uint64_t offset, const char *message) const {
        sj_plan::clear(plan.slots, values);
        parser.path[0] = 0;
        parser.failure = sj_failure{offset, message, parser.path};
        return status;
    }

    template <sj_way way>
    Walk<way> walk() const {
        sj_plan::clear(plan.slots, values);
        return Walk<way>(parser, plan, json, count, values);
    }

    sj_status extract() const {
        const bool fits = count <= SJ_MAXIMUM_BYTES;
        if (fits && plan.outlines.follow(plan, json, static_cast<uint32_t>(count), values)) return SJ_OK;
        if (!fits || !parser.reserve(count) || !parser.begin_visit(plan)) {
            return fail(SJ_TOO_LARGE, 0, "the text is too large to be read");
        }
        if (count == 0) return fail(SJ_EMPTY, 0, "the text is empty");

        const bool has_escapes = std::memchr(json, '\\', count) != nullptr;
        if (has_escapes || parser.reads_past_end) {
            if (!parser.reserve_scratch(count)) return fail(SJ_TOO_LARGE, 0, "the text is too large to be read");
            std::memcpy(parser.padded.get(), json, count);
            std::memset(parser.padded.get() + count, ' ', simdjson::SIMDJSON_PADDING);
        }

        parser.stage1->n_structural_indexes = 0;
        const uint8_t *readable = parser.reads_past_end ? parser.padded.get() : json;
        const simdjson::error_code error = parser.stage1->stage1(readable, count, simdjson::stage1_mode::regular);
        const bool invalid_utf8 = error == simdjson::UTF8_ERROR;
        switch (error) {
        case simdjson::SUCCESS: break;
        case simdjson::UTF8_ERROR:
            // The index of the text is complete all the same: what is sound in it can still be read.
            if (parser.stage1->n_structural_indexes != 0) break;
            return fail(SJ_INVALID_UTF8, 0, "the text is not UTF-8");
        case simdjson::EMPTY: return fail(SJ_EMPTY, 0, "the text is empty");
        case simdjson::UNCLOSED_STRING: return fail(SJ_TRUNCATED, count, "a string is not closed");
        case simdjson::UNESCAPED_CHARS:
            return fail(SJ_MALFORMED, 0, "a string holds a control character that is not escaped");
        default: return fail(SJ_MALFORMED, 0, simdjson::error_message(error));
        }
        if (!has_escapes && !invalid_utf8) return extract_plain();
        auto walk = this->walk<sj_way::careful>();
        walk.has_escapes = has_escapes;
        walk.invalid_utf8 = invalid_utf8;
        return walk.run();
    }

    // A text without escapes, of which stage 1 says that it is UTF-8.
    sj_status extract_plain() const {
        // An outline holds the text's keys; one that is large is not kept.
        if (count > parser.USUAL_BYTES || !plan.outlines.may_learn()) return walk<sj_way::plain>().run();
        try {
            auto walk = this->walk<sj_way::learning>();
            walk.outlines = &plan.outlines;
            plan.outlines.begin(plan, json);
            const sj_status status = walk.run();
            if (status == SJ_OK) plan.outlines.end(static_cast<uint32_t>(count));
            return status;
        } catch (...) {
            // No memory for the outline; the text can be read without.
            plan.outlines.forget();
            if (!parser.begin_visit(plan)) return fail(SJ_TOO_LARGE, 0, "there is no memory to read the text");
            return walk<sj_way::plain>().run();
        }
    }
};

}  // namespace

sj_status sj_extract(
    sj_parser *parser, const sj_plan *plan, const uint8_t *json, size_t count, sj_value *values) {
    return reading{*parser, *plan, json, count, values}.extract();
}
