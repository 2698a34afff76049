import CCrypto

/// SHA-256 by OpenSSL, with a context that is used again: making one costs more than a short digest.
final class SHA256 {
    private let context = EVP_MD_CTX_new()
    /// Fetched once for the process: a fetch for each digest takes locks. Never freed, immutable.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    init() {
        precondition(context != nil && Self.algorithm != nil, "OpenSSL has no SHA-256 to offer")
        precondition(EVP_DigestInit_ex2(context, Self.algorithm, nil) == 1, "OpenSSL could not begin a SHA-256")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// The digest of two pieces, one after the other.
    func digest(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> FrameHash {
        digest(first, second, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The digest of three pieces, one after the other.
    func digest(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ third: UnsafeRawBufferPointer
    ) -> FrameHash {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let succeeded = withUnsafeMutableBytes(of: &words) { output in
            EVP_DigestInit_ex2(context, nil, nil) == 1
                && EVP_DigestUpdate(context, first.baseAddress, first.count) == 1
                && EVP_DigestUpdate(context, second.baseAddress, second.count) == 1
                && EVP_DigestUpdate(context, third.baseAddress, third.count) == 1
                && EVP_DigestFinal_ex(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
        }
        precondition(succeeded, "OpenSSL could not compute a SHA-256")
        return FrameHash(words: words)
    }
}
