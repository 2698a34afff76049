#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Picks a few values out of one JSON text, in one forward pass that also checks the whole text.
//
// simdjson's stage 1 finds strings, brackets and scalars, and checks UTF-8; the walk over what it found is here, and
// follows RFC 8259 to the last token. On-demand parsing would skip what no pointer asks for without a look at it: then
// whether a text is accepted would depend on what a policy happens to use.

#ifdef __cplusplus
extern "C" {
#endif

enum sj_kind {
    SJ_MISSING = 0,
    SJ_NULL = 1,
    SJ_STRING = 2,
    SJ_NUMBER = 3,
    SJ_BOOL = 4,
    SJ_OBJECT = 5,
    SJ_ARRAY = 6
};

enum sj_status {
    SJ_OK = 0,
    // Nothing but white space.
    SJ_EMPTY = 1,
    SJ_MALFORMED = 2,
    // The text ends before its brackets or strings are closed.
    SJ_TRUNCATED = 3,
    // A JSON value and then something else.
    SJ_TRAILING = 4,
    SJ_NOT_AN_OBJECT = 5,
    // The text is an object, all values have been extracted, and somewhere in it are bytes that are not UTF-8.
    SJ_INVALID_UTF8 = 6,
    // Nested deeper than SJ_MAXIMUM_DEPTH.
    SJ_TOO_DEEP = 7,
    // Larger than SJ_MAXIMUM_BYTES, or no memory for it.
    SJ_TOO_LARGE = 8
};

enum {
    SJ_MAXIMUM_DEPTH = 128,
    // librdkafka's largest receive.message.max.bytes by default.
    SJ_MAXIMUM_BYTES = 100000000,
    SJ_MAXIMUM_PATH = 256
};

// A value in the text. Strings are unescaped and without quotes; all others are as they stand in the text.
// `bytes` lies in the text, or in the parser until its next use.
typedef struct sj_value {
    const uint8_t *bytes;
    uint32_t count;
    uint8_t kind;
} sj_value;

// A JSON pointer (RFC 6901) and the place among the values where what it points at goes.
typedef struct sj_target {
    const uint8_t *pointer;
    size_t count;
    uint32_t slot;
} sj_target;

typedef struct sj_failure {
    // Where in the text, in bytes.
    uint64_t offset;
    // What was wrong, for people; a static text.
    const char *message;
    // JSON pointer to the value where it happened, as far as it is known.
    const char *path;
} sj_failure;

typedef struct sj_plan sj_plan;
typedef struct sj_parser sj_parser;

// A plan remembers what texts looked like, so one thread at a time uses it. NULL if a pointer is not empty and does not begin
// with `/`, or if there is no memory.
sj_plan *sj_plan_make(const sj_target *targets, size_t count);
void sj_plan_free(sj_plan *plan);

// One parser per thread. NULL if there is no memory.
sj_parser *sj_parser_make(void);
void sj_parser_free(sj_parser *parser);

// Extracts the plan's targets from `json` into `values`; slots that no target names are left as they are.
// Of several equal keys the first one counts. No padding is needed behind the text.
enum sj_status sj_extract(
    sj_parser *parser, const sj_plan *plan, const uint8_t *json, size_t count, sj_value *values);

// What the last sj_extract that was not SJ_OK found; valid until the next one.
sj_failure sj_last_failure(const sj_parser *parser);

bool sj_is_utf8(const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif
