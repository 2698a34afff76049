import Journey
import Testing

@testable import Engine

@Suite struct NameCacheTests {
    private let hash = KeyedHash(key: Array(0..<16))

    private func key(_ cache: NameCache, _ domain: KeyedHash.Domain, _ name: [UInt8]) -> ScopeKey {
        name.withUnsafeBytes { cache.key(domain, $0, hash) }
    }

    private func hashed(_ domain: KeyedHash.Domain, _ name: [UInt8]) -> ScopeKey {
        name.withUnsafeBytes { hash.scopeKey(domain, $0) }
    }

    @Test(arguments: 0..<80)
    func itGivesWhatTheHashGives(count: Int) {
        let cache = NameCache()
        let name = (0..<count).map { UInt8($0) }
        for _ in 0..<3 {
            #expect(key(cache, .product, name) == hashed(.product, name))
            #expect(key(cache, .tenant, name) == hashed(.tenant, name))
        }
    }

    /// Names of one length that differ in a single byte, more of them than there are places.
    @Test(arguments: [1, 2, 3, 4, 7, 8, 9, 48])
    func namesThatAreAlikeAreToldApart(count: Int) {
        let cache = NameCache()
        for place in 0..<count {
            for byte in UInt8.min...UInt8.max {
                var name = [UInt8](repeating: 7, count: count)
                name[place] = byte
                #expect(key(cache, .product, name) == hashed(.product, name))
            }
        }
    }
}
