import CCrypto

/// Where salts, keys and names come from; handed in, so that a simulator can repeat a run.
public struct RandomSource: Sendable {
    /// Fills a buffer with bytes that nobody can guess, or throws.
    public let fill: @Sendable (UnsafeMutableRawBufferPointer) throws -> Void

    public init(fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) throws -> Void) {
        self.fill = fill
    }

    /// OpenSSL's generator.
    public static let system = RandomSource { buffer in
        let bytes = buffer.bindMemory(to: UInt8.self)
        guard RAND_bytes(bytes.baseAddress, Int32(bytes.count)) == 1 else {
            throw JournalError(
                .inputOutput, path: "libcrypto",
                message: "the random generator has no entropy: check that /dev/urandom can be read")
        }
    }

    func bytes(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes(fill)
        return bytes
    }
}
