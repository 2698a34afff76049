#pragma once

#include <cstdint>
#include <cstring>

#include "CSimdJSON.h"

#define SCALAR_INLINE __attribute__((always_inline)) inline

SCALAR_INLINE bool sj_is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
SCALAR_INLINE bool sj_is_space(uint8_t c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

SCALAR_INLINE uint32_t sj_literal_end(
    const uint8_t *json, uint32_t count, uint32_t begin, const char *literal, uint32_t size) {
    return count - begin >= size && std::memcmp(json + begin, literal, size) == 0 ? begin + size : begin;
}

SCALAR_INLINE uint32_t sj_digits_end(const uint8_t *json, uint32_t count, uint32_t at) {
    while (at < count && sj_is_digit(json[at])) at++;
    return at;
}

// The end of the number at `begin`, or `begin` if there is none.
SCALAR_INLINE uint32_t sj_number_end(const uint8_t *json, uint32_t count, uint32_t begin) {
    uint32_t at = begin;
    if (at < count && json[at] == '-') at++;
    const uint32_t whole = at;
    at = sj_digits_end(json, count, at);
    if (at == whole || (json[whole] == '0' && at != whole + 1)) return begin;
    if (at < count && json[at] == '.') {
        const uint32_t fraction = at + 1;
        at = sj_digits_end(json, count, fraction);
        if (at == fraction) return begin;
    }
    if (at < count && (json[at] == 'e' || json[at] == 'E')) {
        uint32_t exponent = at + 1;
        if (exponent < count && (json[exponent] == '+' || json[exponent] == '-')) exponent++;
        at = sj_digits_end(json, count, exponent);
        if (at == exponent) return begin;
    }
    return at;
}

// The end of the number, true, false or null at `begin`, and which of them it is; `begin` if there is none.
SCALAR_INLINE uint32_t sj_scalar_end(const uint8_t *json, uint32_t count, uint32_t begin, sj_kind &kind) {
    switch (json[begin]) {
    case 't': kind = SJ_BOOL; return sj_literal_end(json, count, begin, "true", 4);
    case 'f': kind = SJ_BOOL; return sj_literal_end(json, count, begin, "false", 5);
    case 'n': kind = SJ_NULL; return sj_literal_end(json, count, begin, "null", 4);
    default: kind = SJ_NUMBER; return sj_number_end(json, count, begin);
    }
}

// Whether what lies at `end` may follow a scalar: it is not a part of it.
SCALAR_INLINE bool sj_may_end(const uint8_t *json, uint32_t count, uint32_t end) {
    if (end >= count) return true;
    const uint8_t c = json[end];
    return c == ',' || c == '}' || c == ']' || sj_is_space(c);
}

// The end of the string that begins at `begin`, behind its closing quote, or `begin` if there is none. `next` is where the
// next token begins, or the text ends: inside of a string there are no tokens.
SCALAR_INLINE uint32_t sj_string_end(const uint8_t *json, uint32_t begin, uint32_t next) {
    uint32_t end = next;
    while (end > begin + 1 && sj_is_space(json[end - 1])) end--;
    return end > begin + 1 && json[end - 1] == '"' ? end : begin;
}

#undef SCALAR_INLINE
