import CCrypto

/// SHA-256 by OpenSSL, with a context that is used again: making one costs more than a short digest.
///
/// One thread uses one.
public final class SHA256 {
    private let context = EVP_MD_CTX_new()
    /// Fetched once for the process: a fetch for each digest takes locks. Never freed, immutable.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    public init() {
        precondition(context != nil && Self.algorithm != nil, "OpenSSL has no SHA-256 to offer")
        precondition(EVP_DigestInit_ex2(context, Self.algorithm, nil) == 1, "OpenSSL could not begin a SHA-256")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// The digest of up to three pieces, one after the other.
    public func digest(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        _ third: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> FrameHash {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let succeeded = withUnsafeMutableBytes(of: &words) { output in
            EVP_DigestInit_ex2(context, nil, nil) == 1 && update(first) && update(second) && update(third)
                && EVP_DigestFinal_ex(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
        }
        precondition(succeeded, "OpenSSL could not compute a SHA-256")
        return FrameHash(words: words)
    }

    @inline(__always)
    private func update(_ piece: UnsafeRawBufferPointer) -> Bool {
        piece.isEmpty || EVP_DigestUpdate(context, piece.baseAddress, piece.count) == 1
    }
}
