#pragma once
#include <stddef.h>
#include <stdint.h>

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `length` bytes, continued from `crc` (0 to begin). Uses the
// processor's instruction where there is one.
uint32_t winback_crc32c(uint32_t crc, const void *bytes, size_t length);

// The same from a table, on every processor. Tests compare the two.
uint32_t winback_crc32c_portable(uint32_t crc, const void *bytes, size_t length);
