/// Where personal data is read back from, by the position at which its record begins: the writer's own journal, or a reader's.
public protocol PersonalSource {
    /// Hands out the data, which is valid during the call.
    ///
    /// Throws `.destroyed` if it was destroyed, `.damaged` if it does not match its digest, `.notFound` if no personal
    /// record can begin there, and what `use` throws.
    func withPersonal<Value>(at position: UInt64, _ use: (UnsafeRawBufferPointer) throws -> Value) throws -> Value
}

extension ShardJournal: PersonalSource {}

extension PersonalRecords: PersonalSource {}
