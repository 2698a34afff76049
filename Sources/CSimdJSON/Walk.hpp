#pragma once

#include "Parser.hpp"

// The walk lives in registers as long as nothing takes its address: what is called per token is inlined, and what is
// not gets values. On events of 440 bytes that took the extraction from some 345 to some 295 ns.
#define WALK_INLINE __attribute__((always_inline)) inline

// Notes what was wrong at `offset`, and the keys and indices on the way to it; a path that grows too long is cut.
void sj_note_failure(sj_parser &parser, const uint8_t *json, uint32_t count, uint32_t depth, uint32_t offset,
                     const char *message);

// The walk over the tokens that stage 1 found. `careful`: the text has escapes or is not UTF-8, so that each string is
// looked into; the usual text has neither, and its strings are taken where they lie.
//
// Stage 1 gives the place of every bracket, colon and comma outside of strings, of each string's opening quote, and of
// the first byte of every other run. Inside strings there are none, so a string's end lies before the next token.
template <bool careful>
class Walk {
public:
    bool has_escapes = false;
    bool invalid_utf8 = false;

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

    static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
    static bool is_space(uint8_t c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

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
        const bool other = c == '[' || c == '"' || c == 't' || c == 'f' || c == 'n' || c == '-' || is_digit(c);
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
        if (node == sj_plan::NONE) return;
        for (uint32_t slot : nodes[node].slots) {
            values[slot] = sj_value{bytes, static_cast<uint32_t>(size), static_cast<uint8_t>(kind)};
        }
    }

    WALK_INLINE bool open(uint32_t token, uint32_t node) {
        if (depth == SJ_MAXIMUM_DEPTH) {
            fail(SJ_TOO_DEEP, token, "nested too deep");
            return false;
        }
        const uint8_t closing = json[token] == '{' ? '}' : ']';
        scopes[depth++] = sj_parser::scope{token, node, 0, 0, closing};
        return true;
    }

    WALK_INLINE void close(uint32_t token, const sj_parser::scope &scope) {
        put(scope.node, json + scope.start, token + 1 - scope.start, scope.closing == '}' ? SJ_OBJECT : SJ_ARRAY);
        depth--;
    }

    // The content of the string that begins at `token`: as it lies there, or unescaped.
    WALK_INLINE bool content(uint32_t token, const uint8_t *&bytes, size_t &size) {
        uint32_t end = next < tokens_count ? tokens[next] : count;
        while (end > token + 1 && is_space(json[end - 1])) end--;
        if (end <= token + 1 || json[end - 1] != '"') return refuse(token, "expected a string");
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
        if (scope.node != sj_plan::NONE) node = enter(nodes[scope.node].find(scope.members - 1, bytes, size));
        return true;
    }

    WALK_INLINE bool string(uint32_t token, uint32_t node) {
        const uint8_t *bytes;
        size_t size;
        if (!content(token, bytes, size)) return false;
        put(node, bytes, size, SJ_STRING);
        return true;
    }

    WALK_INLINE bool scalar(uint32_t token, uint32_t node) {
        uint32_t end = token;
        sj_kind kind;
        switch (json[token]) {
        case 't': kind = SJ_BOOL; end = literal(token, "true", 4); break;
        case 'f': kind = SJ_BOOL; end = literal(token, "false", 5); break;
        case 'n': kind = SJ_NULL; end = literal(token, "null", 4); break;
        default: kind = SJ_NUMBER; end = number(token); break;
        }
        if (end == token) return refuse(token, "expected a value");
        if (end < count) {
            const uint8_t c = json[end];
            if (c != ',' && c != '}' && c != ']' && !is_space(c)) return refuse(end, "unexpected character");
        }
        put(node, json + token, end - token, kind);
        return true;
    }

    WALK_INLINE uint32_t literal(uint32_t token, const char *text, uint32_t size) const {
        return count - token >= size && std::memcmp(json + token, text, size) == 0 ? token + size : token;
    }

    WALK_INLINE uint32_t digits(uint32_t at) const {
        while (at < count && is_digit(json[at])) at++;
        return at;
    }

    // The end of the number at `token`, or `token` if there is none.
    WALK_INLINE uint32_t number(uint32_t token) const {
        uint32_t at = token;
        if (at < count && json[at] == '-') at++;
        const uint32_t whole = at;
        at = digits(at);
        if (at == whole || (json[whole] == '0' && at != whole + 1)) return token;
        if (at < count && json[at] == '.') {
            const uint32_t fraction = at + 1;
            at = digits(fraction);
            if (at == fraction) return token;
        }
        if (at < count && (json[at] == 'e' || json[at] == 'E')) {
            uint32_t exponent = at + 1;
            if (exponent < count && (json[exponent] == '+' || json[exponent] == '-')) exponent++;
            at = digits(exponent);
            if (at == exponent) return token;
        }
        return at;
    }
};

#undef WALK_INLINE
