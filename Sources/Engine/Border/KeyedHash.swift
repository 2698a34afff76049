import CSodium
import Journey
import Records

/// SipHash-2-4 under the data directory's secret: names become numbers that nobody without the key can confirm a guess from.
///
/// Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF" (2012), as libsodium implements it.
///
/// One thread uses one: it puts what it hashes together in memory of its own.
struct KeyedHash {
    /// What a hash stands for goes into it, so that a product and a subject of one name are not one number.
    enum Domain: UInt8 {
        case tenant = 1
        case product = 2
        case subject = 3
        case details = 4
        case email = 5
        case prospect = 6
        case command = 7
    }

    private let key: [UInt8]
    private let scratch = ScratchBuffer(capacity: 1 << 18)

    /// - Parameter key: at least 16 secret bytes.
    init(key: [UInt8]) {
        precondition(key.count >= Int(crypto_shorthash_siphashx24_KEYBYTES))
        self.key = key
    }

    /// 64 bits that are never 0; `none` for an empty name.
    func scopeKey(_ domain: Domain, _ name: UnsafeRawBufferPointer) -> ScopeKey {
        if name.isEmpty { return .none }
        let (high, _) = hash(domain, UnsafeRawBufferPointer(start: nil, count: 0), name)
        return ScopeKey(rawValue: high == 0 ? 1 : high)
    }

    func prospectKey(
        _ domain: Domain, tenant: UnsafeRawBufferPointer, _ identity: UnsafeRawBufferPointer
    ) -> ProspectKey {
        let (high, low) = hash(domain, tenant, identity)
        return ProspectKey(high: high, low: low)
    }

    /// 48 bits that are never 0.
    func detailsHash(_ content: UnsafeRawBufferPointer) -> UInt64 {
        let (high, _) = hash(.details, UnsafeRawBufferPointer(start: nil, count: 0), content)
        return max(1, high & 0xFFFF_FFFF_FFFF)
    }

    /// Of a command as it is published.
    func commandDigest(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> CommandDigest {
        let (high, low) = hash(.command, key, value)
        return CommandDigest(high: high, low: low)
    }

    /// Of an address in lower case, whosever it is: half of the hash under which an erasure in all tenants names it.
    func addressHash(_ address: UnsafeRawBufferPointer) -> UInt64 {
        hash(.email, UnsafeRawBufferPointer(start: nil, count: 0), address).0
    }

    /// The domain, the first part's length and both parts: no two pairs of parts give the same bytes.
    private func hash(
        _ domain: Domain, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) -> (UInt64, UInt64) {
        scratch.removeAll()
        scratch.append(domain.rawValue)
        scratch.append(twoBytes: first.count)
        scratch.append(first)
        scratch.append(second)
        var out: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &out) { out in
            let status = crypto_shorthash_siphashx24(
                out.baseAddress!.assumingMemoryBound(to: UInt8.self),
                scratch.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt64(scratch.count), key)
            precondition(status == 0)
        }
        return (UInt64(littleEndian: out.0), UInt64(littleEndian: out.1))
    }
}
