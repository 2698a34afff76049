#include "CChecksum.h"

#include <string.h>

// The polynomial 0x1EDC6F41 with its bits reversed.
#define POLYNOMIAL 0x82f63b78u

// The instruction has a latency of three cycles and a throughput of one, so three streams of BLOCK bytes run side by
// side. Joining them means to shift a checksum over BLOCK zero bytes, which is linear and so a table per byte.
#define LONG_BLOCK 4096
#define SHORT_BLOCK 256

static uint32_t portable_table[8][256];
static uint32_t long_shift[4][256];
static uint32_t short_shift[4][256];

static uint32_t over_zeros(uint32_t crc, size_t count) {
    while (count-- > 0) {
        crc = (crc >> 8) ^ portable_table[0][crc & 0xff];
    }
    return crc;
}

static void fill_shift(uint32_t shift[4][256], size_t block) {
    uint32_t bit[32];
    for (int i = 0; i < 32; i++) {
        bit[i] = over_zeros((uint32_t)1 << i, block);
    }
    for (int byte = 0; byte < 4; byte++) {
        for (int value = 0; value < 256; value++) {
            uint32_t sum = 0;
            for (int i = 0; i < 8; i++) {
                if (value >> i & 1) {
                    sum ^= bit[byte * 8 + i];
                }
            }
            shift[byte][value] = sum;
        }
    }
}

__attribute__((constructor)) static void fill_tables(void) {
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t crc = n;
        for (int i = 0; i < 8; i++) {
            crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
        }
        portable_table[0][n] = crc;
    }
    for (int k = 1; k < 8; k++) {
        for (int n = 0; n < 256; n++) {
            uint32_t before = portable_table[k - 1][n];
            portable_table[k][n] = (before >> 8) ^ portable_table[0][before & 0xff];
        }
    }
    fill_shift(long_shift, LONG_BLOCK);
    fill_shift(short_shift, SHORT_BLOCK);
}

uint32_t winback_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    const unsigned char *next = bytes;
    crc = ~crc;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        word ^= crc;
        crc = portable_table[7][word & 0xff] ^ portable_table[6][word >> 8 & 0xff] ^
              portable_table[5][word >> 16 & 0xff] ^ portable_table[4][word >> 24 & 0xff] ^
              portable_table[3][word >> 32 & 0xff] ^ portable_table[2][word >> 40 & 0xff] ^
              portable_table[1][word >> 48 & 0xff] ^ portable_table[0][word >> 56];
        next += 8;
        length -= 8;
    }
#endif
    while (length-- > 0) {
        crc = (crc >> 8) ^ portable_table[0][(crc ^ *next++) & 0xff];
    }
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>
#define HARDWARE __attribute__((target("sse4.2")))
#define STEP_8(crc, word) ((uint32_t)_mm_crc32_u64(crc, word))
#define STEP_1(crc, byte) _mm_crc32_u8(crc, byte)
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define HARDWARE __attribute__((target("crc")))
#define STEP_8(crc, word) __crc32cd(crc, word)
#define STEP_1(crc, byte) __crc32cb(crc, byte)
// HWCAP_CRC32 of <asm/hwcap.h>, which not every sysroot has.
static int has_instruction(void) { return (getauxval(AT_HWCAP) & (1ul << 7)) != 0; }
#endif

#ifdef HARDWARE
static inline uint32_t shift(uint32_t table[4][256], uint32_t crc) {
    return table[0][crc & 0xff] ^ table[1][crc >> 8 & 0xff] ^ table[2][crc >> 16 & 0xff] ^ table[3][crc >> 24];
}

HARDWARE static inline uint64_t load(const unsigned char *from) {
    uint64_t word;
    memcpy(&word, from, 8);
    return word;
}

HARDWARE static inline uint32_t three_blocks(uint32_t crc, const unsigned char *next, size_t block,
                                             uint32_t table[4][256]) {
    uint32_t second = 0, third = 0;
    for (size_t i = 0; i < block; i += 8) {
        crc = STEP_8(crc, load(next + i));
        second = STEP_8(second, load(next + block + i));
        third = STEP_8(third, load(next + 2 * block + i));
    }
    return shift(table, shift(table, crc) ^ second) ^ third;
}

HARDWARE static uint32_t with_instruction(uint32_t crc, const unsigned char *next, size_t length) {
    crc = ~crc;
    while (length >= 3 * LONG_BLOCK) {
        crc = three_blocks(crc, next, LONG_BLOCK, long_shift);
        next += 3 * LONG_BLOCK;
        length -= 3 * LONG_BLOCK;
    }
    while (length >= 3 * SHORT_BLOCK) {
        crc = three_blocks(crc, next, SHORT_BLOCK, short_shift);
        next += 3 * SHORT_BLOCK;
        length -= 3 * SHORT_BLOCK;
    }
    while (length >= 8) {
        crc = STEP_8(crc, load(next));
        next += 8;
        length -= 8;
    }
    while (length-- > 0) {
        crc = STEP_1(crc, *next++);
    }
    return ~crc;
}
#endif

uint32_t winback_crc32c(uint32_t crc, const void *bytes, size_t length) {
#ifdef HARDWARE
    if (has_instruction()) {
        return with_instruction(crc, bytes, length);
    }
#endif
    return winback_crc32c_portable(crc, bytes, length);
}
