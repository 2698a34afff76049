#pragma once

#include "Parser.hpp"
#include "Scalar.hpp"

// The walk lives in registers as long as nothing takes its address: what is called per token is inlined, and what is
// not gets values. On events of 440 bytes that took the extraction from some 345 to some 295 ns.
#define WALK_INLINE __attribute__((always_inline)) inline

// Notes what was wrong at `offset`, and the keys and indices on the way to it; a path that grows too long is cut.
void sj_note_failure(sj_parser &parser, const uint8_t *json, uint32_t count, uint32_t depth, uint32_t offset,
                     const char *message);

enum class sj_way {
    // The usual text has no escapes and is UTF-8: its strings are taken where they lie.
    plain,
    // The same, and the text's outline is noted.
    learning,
    // Each string is looked into.
    careful,
};

// The walk over the tokens that stage 1 found.
//
// Stage 1 gives the place of every bracket, colon and comma outside of strings, of each string's opening quote, and of
// the first byte of every other run. Inside strings there are none, so a string's end lies before the next token.
template <sj_way way>
class Walk {
public:
    static constexpr bool careful = way == sj_way::careful;
    static constexpr bool learning = way == sj_way::learning;

    bool has_escapes = false;
    bool invalid_utf8 = false;
    sj_outlines *outlines = nullptr;

    Walk(sj_parser &parser, const sj_plan &plan, const uint8_t *json, size_t count, sj_value *values)
        : parser(parser), json(json), count(static_cast<uint32_t>(count)), values(values),
          tokens(parser.stage1->structural_indexes.get()), tokens_count(parser.stage1->n_structural_indexes),
          nodes(plan.nodes.data()), scopes(parser.scopes), visits(parser.visits.get()), visit(parser.visit),
          unescaped(parser.strings.get()) {}

    WALK_INLINE sj_status run() {
        uint32_t token = tokens[0];
        next = 1;
        if (json[token] != '{') return not_an_object(token);
        if (!open(token, enter(0))) return status;
        while (depth != 0) {
            sj_parser::scope &scope = scopes[depth - 1];
            if (!take(token)) return status;
            if (json[token] == scope.closing) {
                close(token, scope);
                continue;
            }
            if (scope.members != 0) {
                if (json[token] != ',') return fail(SJ_MALFORMED, token, "expected a comma or the end");
                if (!take(token)) return status;
            }
            scope.members++;
            uint32_t node = sj_plan::NONE;
            if (scope.closing == '}') {
                if (!key(token, scope, node) || !take(token)) return status;
            } else if (scope.node != sj_plan::NONE) {
                node = enter(nodes[scope.node].element(scope.members - 1));
            }
            const uint8_t c = json[token];
            const bool good = c == '"' ? string(token, node)
                : c == '{' || c == '[' ? open(token, node)
                                       : scalar(token, node);
            if (!good) return status;
        }
        if (next != tokens_count) return fail(SJ_TRAILING, tokens[next], "something follows the object");
        if (careful && invalid_utf8) {
            if (status == SJ_OK) fail(SJ_INVALID_UTF8, 0, "the text is not UTF-8");
            return SJ_INVALID_UTF8;
        }
        return SJ_OK;
    }

private:
    sj_parser &parser;
    const uint8_t *const json;
    const uint32_t count;
    sj_value *const values;
    const uint32_t *const tokens;
    const uint32_t tokens_count;
    const sj_plan::node *const nodes;
    sj_parser::scope *const scopes;
    uint32_t *const visits;
    const uint32_t visit;
    uint32_t next = 0;
    uint32_t depth = 0;
    uint8_t *unescaped;
    sj_status status = SJ_OK;

    WALK_INLINE sj_status fail(sj_status reason, uint32_t offset, const char *message) {
        sj_note_failure(parser, json, count, depth, offset, message);
        return status = reason;
    }

    WALK_INLINE bool refuse(uint32_t offset, const char *message) {
        fail(SJ_MALFORMED, offset, message);
        return false;
    }

    WALK_INLINE sj_status not_an_object(uint32_t token) {
        const uint8_t c = json[token];
        const bool other = c == '[' || c == '"' || c == 't' || c == 'f' || c == 'n' || c == '-' || sj_is_digit(c);
        return fail(other ? SJ_NOT_AN_OBJECT : SJ_MALFORMED, token, "expected an object");
    }

    WALK_INLINE bool take(uint32_t &token) {
        if (next == tokens_count) {
            fail(SJ_TRUNCATED, count, "the text ends before it is complete");
            return false;
        }
        token = tokens[next++];
        return true;
    }

    // The node if the text comes to it for the first time, else NONE.
    WALK_INLINE uint32_t enter(uint32_t node) {
        if (node == sj_plan::NONE || visits[node] == visit) return sj_plan::NONE;
        visits[node] = visit;
        return node;
    }

    WALK_INLINE void put(uint32_t node, const uint8_t *bytes, size_t size, sj_kind kind) {
        if (node != sj_plan::NONE) nodes[node].put(values, bytes, size, kind);
    }

    WALK_INLINE bool open(uint32_t token, uint32_t node) {
        if (depth == SJ_MAXIMUM_DEPTH) {
            fail(SJ_TOO_DEEP, token, "nested too deep");
            return false;
        }
        const uint8_t closing = json[token] == '{' ? '}' : ']';
        scopes[depth++] = sj_parser::scope{next - 1, node, 0, 0, closing};
        if (learning) outlines->bracket(token, node);
        return true;
    }

    WALK_INLINE void close(uint32_t token, const sj_parser::scope &scope) {
        const uint32_t opening = tokens[scope.opening];
        put(scope.node, json + opening, token + 1 - opening, scope.closing == '}' ? SJ_OBJECT : SJ_ARRAY);
        if (learning) outlines->bracket(token, scope.node);
        depth--;
    }

    // The content of the string that begins at `token`: as it lies there, or unescaped.
    WALK_INLINE bool content(uint32_t token, const uint8_t *&bytes, size_t &size) {
        const uint32_t end = sj_string_end(json, token, next < tokens_count ? tokens[next] : count);
        if (end == token) return refuse(token, "expected a string");
        bytes = json + token + 1;
        size = end - token - 2;
        return !careful || inspect(token, bytes, size);
    }

    WALK_INLINE bool inspect(uint32_t token, const uint8_t *&bytes, size_t &size) {
        if (invalid_utf8 && status == SJ_OK && !sj_is_utf8(bytes, size)) {
            fail(SJ_INVALID_UTF8, token, "the string is not UTF-8");
        }
        if (!has_escapes || std::memchr(bytes, '\\', size) == nullptr) return true;
        const uint8_t *begin = unescaped;
        const simdjson::ondemand::raw_json_string raw(parser.padded.get() + token + 1);
        if (parser.unescaper.unescape(raw, unescaped).error()) return refuse(token, "the string has a wrong escape");
        bytes = begin;
        size = static_cast<size_t>(unescaped - begin);
        return true;
    }

    WALK_INLINE bool key(uint32_t token, sj_parser::scope &scope, uint32_t &node) {
        if (json[token] != '"') return refuse(token, "expected a key");
        scope.key = token;
        const uint8_t *bytes;
        size_t size;
        if (!content(token, bytes, size)) return false;
        uint32_t colon;
        if (!take(colon)) return false;
        if (json[colon] != ':') return refuse(colon, "expected a colon");
        if (scope.node != sj_plan::NONE) node = enter(nodes[scope.node].find(bytes, size));
        return true;
    }

    WALK_INLINE bool string(uint32_t token, uint32_t node) {
        const uint8_t *bytes;
        size_t size;
        if (!content(token, bytes, size)) return false;
        put(node, bytes, size, SJ_STRING);
        if (learning) outlines->value(token, token + static_cast<uint32_t>(size) + 2, node);
        return true;
    }

    WALK_INLINE bool scalar(uint32_t token, uint32_t node) {
        sj_kind kind;
        const uint32_t end = sj_scalar_end(json, count, token, kind);
        if (end == token) return refuse(token, "expected a value");
        if (!sj_may_end(json, count, end)) return refuse(end, "unexpected character");
        put(node, json + token, end - token, kind);
        if (learning) outlines->value(token, end, node);
        return true;
    }
};

#undef WALK_INLINE
