#pragma once

#include <cstdint>
#include <cstring>

// Sixteen bytes at once, in the compiler's own words, which every processor's vectors fit.
using sj_block = uint8_t __attribute__((ext_vector_type(16)));
using sj_flags = bool __attribute__((ext_vector_type(16)));

constexpr uint32_t SJ_BLOCK = sizeof(sj_block);

// A bit for each byte of which a comparison holds, the lowest for the first.
template <typename Comparison>
__attribute__((always_inline)) inline uint32_t sj_bits(Comparison comparison) {
    return __builtin_bit_cast(uint16_t, __builtin_convertvector(comparison, sj_flags));
}

__attribute__((always_inline)) inline sj_block sj_load(const uint8_t *bytes) {
    sj_block loaded;
    std::memcpy(&loaded, bytes, sizeof loaded);
    return loaded;
}
