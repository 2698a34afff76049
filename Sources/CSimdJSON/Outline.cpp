#include "Outline.hpp"

#include <cstring>

#include "Block.hpp"
#include "Plan.hpp"
#include "Scalar.hpp"

namespace {

// Whether a run's bytes stand at `place` of a text. `mask`: those of its last block.
__attribute__((always_inline)) inline bool has_run(
    const uint8_t *json, uint32_t count, uint32_t place, const uint8_t *run, uint32_t run_count, uint32_t mask) {
    const uint8_t *here = json + place;
    if (__builtin_expect(uint64_t{place} + run_count + SJ_BLOCK > count, 0)) {
        return run_count <= count - place && std::memcmp(here, run, run_count) == 0;
    }
    for (uint32_t left = run_count; left > SJ_BLOCK; left -= SJ_BLOCK) {
        if (sj_bits(sj_load(here) != sj_load(run)) != 0) return false;
        here += SJ_BLOCK;
        run += SJ_BLOCK;
    }
    return (sj_bits(sj_load(here) != sj_load(run)) & mask) == 0;
}

// The end of the string that begins at `begin`, behind its closing quote, or `begin` if it has escapes, isn't closed or
// isn't sound.
__attribute__((always_inline)) inline uint32_t string_end(const uint8_t *json, uint32_t count, uint32_t begin) {
    uint32_t place = begin + 1;
    uint32_t found = 0;
    sj_block seen = 0;
    while (__builtin_expect(place + SJ_BLOCK <= count, 1)) {
        const sj_block here = sj_load(json + place);
        seen |= here;
        found = sj_bits((here == '"') | (here == '\\') | (here < 0x20));
        if (found != 0) break;
        place += SJ_BLOCK;
    }
    uint32_t end = place;
    if (__builtin_expect(found != 0, 1)) {
        end += static_cast<uint32_t>(__builtin_ctz(found));
    } else {
        for (; end < count && json[end] != '"' && json[end] != '\\' && json[end] >= 0x20; end++) seen[0] |= json[end];
        if (end == count) return begin;
    }
    if (json[end] != '"') return begin;
    if (__builtin_expect(sj_bits(seen >= 0x80) != 0, 0)) {
        if (!sj_is_utf8(json + begin + 1, end - begin - 1)) return begin;
    }
    return end + 1;
}

}  // namespace

bool sj_outlines::follow(const sj_plan &plan, const uint8_t *json, uint32_t count, sj_value *values) const {
    const run *const runs = this->runs.data();
    const uint8_t *const bytes = this->bytes.data();
    uint32_t openings[SJ_MAXIMUM_DEPTH];
    uint32_t depth = 0;
    uint32_t at = 0;
    uint32_t next = runs[0].next;
    while (next != NONE) {
        const run &run = runs[next];
        next = run.other;
        if (!has_run(json, count, at, bytes + run.begin, run.count, run.mask)) continue;
        const uint32_t begin = at + run.count;
        uint32_t end = begin;
        sj_value value{json + begin, 0, SJ_MISSING};
        if (run.is_last) {
            if (begin != count) continue;
        } else if (begin < count && json[begin] == '"') {
            // No other run can be the one.
            end = string_end(json, count, begin);
            if (end == begin) return false;
            value = sj_value{json + begin + 1, end - begin - 2, SJ_STRING};
        } else {
            // What follows a scalar is the beginning of the next run, and thereby sound.
            sj_kind kind = SJ_NULL;
            if (begin < count) end = sj_scalar_end(json, count, begin, kind);
            if (end == begin) continue;
            value.count = end - begin;
            value.kind = static_cast<uint8_t>(kind);
        }
        if (__builtin_expect(run.extra != NONE, 0)) {
            const extra &extra = extras[run.extra];
            for (const bracket_place &bracket : extra.brackets) {
                const uint32_t place = at + bracket.offset;
                if (json[place] == '{' || json[place] == '[') {
                    openings[depth++] = place;
                    continue;
                }
                const uint32_t opening = openings[--depth];
                const sj_kind kind = json[place] == '}' ? SJ_OBJECT : SJ_ARRAY;
                plan.nodes[bracket.node].put(values, json + opening, place + 1 - opening, kind);
            }
            sj_plan::clear(extra.missing, values);
            if (extra.node != NONE) plan.nodes[extra.node].put(values, value.bytes, value.count, sj_kind(value.kind));
        }
        if (run.slot != NONE) values[run.slot] = value;
        if (run.is_last) return true;
        at = end;
        next = run.next;
    }
    return false;
}
