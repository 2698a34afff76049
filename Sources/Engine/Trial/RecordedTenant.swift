import Journey

/// Finds the tenant of an event in the record that a journal has kept of it: a shard whose policies are for everyone keeps no
/// tenant with its inputs.
public struct RecordedTenant {
    private let hash: KeyedHash

    /// - Parameter key: the data directory's.
    public init(key: [UInt8]) { hash = KeyedHash(key: key) }

    /// `none` where the record names none.
    public func key(in record: UnsafeRawBufferPointer) -> ScopeKey {
        hash.scopeKey(.tenant, PersonalRecord.View(bytes: record).item(.tenant))
    }
}
