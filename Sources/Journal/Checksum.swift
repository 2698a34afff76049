import CChecksum

/// CRC-32C, continued from `checksum`.
@inline(__always)
func crc32c(_ bytes: UnsafeRawBufferPointer, from checksum: UInt32 = 0) -> UInt32 {
    winback_crc32c(checksum, bytes.baseAddress, bytes.count)
}
