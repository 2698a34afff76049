import Journey
import RandomTestSupport
import Testing

@testable import Engine

@Suite struct StoreSectionsTests {
    private func filled(_ count: Int) -> SnapshotCopy {
        var random = SeededGenerator(seed: 17)
        var store = ProspectStore()
        for _ in 0..<count {
            store.store(random.key(), random.state(), at: nil, nextAction: Instant(milliseconds: 1_760_000_000_000))
        }
        return SnapshotCopy(store)
    }

    @Test func aSnapshotOfAnotherVersionIsRefused() {
        let snapshot = filled(10)
        snapshot.sections[0].storeBytes(of: 99, as: UInt32.self)
        #expect { _ = try ProspectStore(mapping: snapshot.sections, keepAlive: snapshot) } throws: {
            ($0 as? StoreSectionsError)?.code == .version
        }
    }

    @Test(arguments: 0..<StoreSections.count)
    func aSectionThatIsTooShortIsRefused(section: Int) {
        let snapshot = filled(300)
        var sections = snapshot.sections
        sections[section] = UnsafeMutableRawBufferPointer(rebasing: sections[section].dropLast(64))
        #expect(throws: StoreSectionsError.self) { _ = try ProspectStore(mapping: sections, keepAlive: snapshot) }
    }

    @Test func aLoadedStoreGivesTheSameSnapshotAgain() throws {
        let first = filled(2000)
        let store = try ProspectStore(mapping: first.sections, keepAlive: first)
        let second = SnapshotCopy(store)
        for (a, b) in zip(first.sections, second.sections) { #expect(a.elementsEqual(b)) }
    }

    @Test func anEmptyStoreHasASnapshotToo() throws {
        let snapshot = SnapshotCopy(ProspectStore())
        let store = try ProspectStore(mapping: snapshot.sections, keepAlive: snapshot)
        #expect(store.count == 0)
    }
}
