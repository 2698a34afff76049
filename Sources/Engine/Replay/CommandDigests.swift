import Records

/// Digests commands as the journal does, for whoever compares what lies in a topic with it.
public struct CommandDigests {
    private let hash: KeyedHash

    /// - Parameter key: the data directory's.
    public init(key: [UInt8]) { hash = KeyedHash(key: key) }

    public func digest(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> CommandDigest {
        hash.commandDigest(key: key, value: value)
    }
}
