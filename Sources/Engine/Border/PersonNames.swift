import Contract
import Journey

/// How whoever has a data directory's key finds people in its journals: the keyed hashes of ids, addresses and other names,
/// as the border makes them.
public struct PersonNames {
    private let hash: KeyedHash

    /// - Parameter key: the data directory's.
    public init(key: [UInt8]) { hash = KeyedHash(key: key) }

    /// A prospect that events name by an id.
    public func prospect(tenant: String, id: String) -> ProspectKey {
        bytes(tenant) { tenant in bytes(id) { hash.prospectKey(.prospect, tenant: tenant, $0) } }
    }

    /// A prospect that events name by an address alone; `nil` where the text is none.
    public func prospect(tenant: String, email: String) -> ProspectKey? {
        EmailAddress.normalised(email).map { address in
            bytes(tenant) { tenant in address.withUnsafeBytes { hash.prospectKey(.email, tenant: tenant, $0) } }
        }
    }

    /// What the journal keeps of an address after its data has gone; `nil` where the text is none.
    public func address(_ email: String) -> UInt64? {
        EmailAddress.normalised(email).map { address in address.withUnsafeBytes { hash.addressHash($0) } }
    }

    public func product(_ name: String) -> ScopeKey { bytes(name) { hash.scopeKey(.product, $0) } }

    public func tenant(_ name: String) -> ScopeKey { bytes(name) { hash.scopeKey(.tenant, $0) } }

    private func bytes<Value>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        var text = text
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
