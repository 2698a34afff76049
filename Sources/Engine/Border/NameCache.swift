import Contract
import Journey

/// Remembers the keyed hashes of short names that come again and again: tenants and products are few.
///
/// ```
/// place (64 bytes, a cache line)   0  8  hash
///                                  8  1  domain, 0: free
///                                  9  1  length of the name
///                                 16 48  the name
/// ```
final class NameCache {
    private static let places = 256
    private static let placeBytes = 64
    private static let nameOffset = 16

    private let start: UnsafeMutableRawPointer

    init() {
        start = .allocate(byteCount: Self.places * Self.placeBytes, alignment: Self.placeBytes)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: Self.places * Self.placeBytes)
    }

    deinit { start.deallocate() }

    /// The first and last bytes of a name, mixed: enough to spread names.
    @inline(__always)
    private static func ends(of name: UnsafeRawBufferPointer) -> UInt64 {
        let count = name.count
        switch count {
        case 8...:
            return name.loadUnaligned(as: UInt64.self)
                ^ name.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) &* 3
        case 4...:
            return UInt64(name.loadUnaligned(as: UInt32.self)) << 32
                ^ UInt64(name.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        default: return UInt64(name[0]) << 16 | UInt64(name[count / 2]) << 8 | UInt64(name[count - 1])
        }
    }

    /// What `hash.scopeKey` gives.
    func key(_ domain: KeyedHash.Domain, _ name: UnsafeRawBufferPointer, _ hash: KeyedHash) -> ScopeKey {
        guard name.count > 0, name.count <= Self.placeBytes - Self.nameOffset else {
            return hash.scopeKey(domain, name)
        }
        let number = (Self.ends(of: name) &* 0x9E37_79B9_7F4A_7C15) >> 56
        let place = start + Int(number) * Self.placeBytes
        let known = UnsafeRawBufferPointer(start: place + Self.nameOffset, count: name.count)
        if place.load(fromByteOffset: 8, as: UInt8.self) == domain.rawValue,
            place.load(fromByteOffset: 9, as: UInt8.self) == UInt8(name.count), known.equals(name)
        {
            return ScopeKey(rawValue: place.load(as: UInt64.self))
        }
        let key = hash.scopeKey(domain, name)
        place.storeBytes(of: key.rawValue, as: UInt64.self)
        place.storeBytes(of: domain.rawValue, toByteOffset: 8, as: UInt8.self)
        place.storeBytes(of: UInt8(name.count), toByteOffset: 9, as: UInt8.self)
        UnsafeMutableRawBufferPointer(start: place + Self.nameOffset, count: name.count).copyMemory(from: name)
        return key
    }
}
