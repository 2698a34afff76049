import Journey

/// The numbers that a shard has given to policy names and field pointers, in the order of its activations.
///
/// A number is never given twice, so states and records written under an older configuration keep their meaning. The table
/// is a function of the journal's activations alone: recovery builds the same one.
final class PolicyKeyTable: PolicyKeys {
    /// Bit masks of fields have 64 places.
    static let maximumFields = 64

    private(set) var fields: [String] = []
    private var fieldNumbers: [String: Int] = [:]
    private var nameKeys: [String: UInt16] = [:]
    private var hash: KeyedHash

    init(key: [UInt8]) { hash = KeyedHash(key: key) }

    func identity(ofPolicy name: String) -> JourneyID { PublicDigest().policyIdentity(name) }

    func nameKey(_ name: String) -> UInt16 {
        if let known = nameKeys[name] { return known }
        let key = UInt16(nameKeys.count + 1)
        nameKeys[name] = key
        return key
    }

    func tenantKey(_ tenant: String) -> ScopeKey {
        withBytes(tenant) { hash.scopeKey(.tenant, $0) }
    }

    func productKey(_ product: String) -> ScopeKey {
        withBytes(product) { hash.scopeKey(.product, $0) }
    }

    func fieldNumber(_ pointer: String) -> UInt64 {
        if let known = fieldNumbers[pointer] { return UInt64(known) }
        precondition(fields.count < Self.maximumFields, "checked by `canHold` before an activation")
        fieldNumbers[pointer] = fields.count
        fields.append(pointer)
        return UInt64(fields.count - 1)
    }

    func number(ofField pointer: String) -> Int? { fieldNumbers[pointer] }

    /// Whether the fields of these policies fit beside those that the shard has numbered already.
    func canHold(_ policies: [Policy]) -> Bool {
        var all = Set(fields)
        for policy in policies { all.formUnion(policy.command.pointers) }
        return all.count <= Self.maximumFields
    }

    /// Numbers every field that the policies use, with and without fallback, in the order of the configuration.
    func register(_ policies: [Policy]) {
        for policy in policies {
            for pointer in policy.command.pointers { _ = fieldNumber(pointer) }
        }
    }

    private func withBytes<R>(_ text: String, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        var text = text
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
