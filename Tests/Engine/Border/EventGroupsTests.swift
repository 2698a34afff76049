import Foundation
import RandomTestSupport
import Synchronization
import Testing

@testable import Engine

@Suite("Groups of messages, read by two threads") struct EventGroupsTests {
    /// Who read which group.
    private final class Readings: Sendable {
        private let readers = Mutex<[Int: [String]]>([:])

        func note(_ group: EventGroup, by reader: String) {
            readers.withLock { $0[group.number, default: []].append(reader) }
        }

        var all: [Int: [String]] { readers.withLock { $0 } }
    }

    /// Groups with a helper that serves them until the test ends.
    private final class Served: Sendable {
        let groups: EventGroups
        let readings = Readings()
        private let thread: JoinableThread

        init(capacity: Int, _ pause: @escaping @Sendable () -> Void = {}) {
            let groups = EventGroups(capacity: capacity)
            let readings = readings
            self.groups = groups
            thread = JoinableThread(name: "helper") {
                groups.serve { group in
                    pause()
                    readings.note(group, by: "helper")
                }
            }
            thread.start()
        }

        func close() {
            groups.close()
            thread.wait()
        }
    }

    private func plan(_ groups: EventGroups, _ count: Int) {
        for _ in 0..<count { groups.plan { _ in } }
    }

    @Test(arguments: [1, 3, 32]) func aWorkerAloneReadsAndFoldsEachInItsOrder(capacity: Int) {
        let groups = EventGroups(capacity: capacity)
        let readings = Readings()
        var folded: [Int] = []
        for _ in 0..<40 {
            while groups.hasRoom { plan(groups, 1) }
            while let group = groups.next(reading: { readings.note($0, by: "worker") }) {
                folded.append(group.number)
                groups.advance()
                if folded.count % 2 == 0 { break }
            }
        }
        #expect(folded == Array(0..<folded.count) && folded.count >= 40)
        #expect(readings.all.values.allSatisfy { $0 == ["worker"] })
    }

    @Test(arguments: 0..<8) func eachIsReadOnceAndFoldedInItsOrderWhoeverIsFaster(round: Int) throws {
        var random = SeededGenerator(seed: UInt64(round))
        let served = Served(capacity: 1 + round * 5) { if round % 2 == 0 { usleep(UInt32.random(in: 0..<200)) } }
        defer { served.close() }
        let (groups, readings) = (served.groups, served.readings)
        var folded = 0
        for _ in 0..<60 {
            var left = Int.random(in: 1...60, using: &random)
            repeat {
                while left > 0, groups.hasRoom {
                    plan(groups, 1)
                    left -= 1
                }
                guard let group = groups.next(reading: { readings.note($0, by: "worker") }) else { break }
                #expect(group.number == folded)
                // What is folded has been read, and seen to be.
                #expect(readings.all[folded]?.count == 1)
                folded += 1
                groups.advance()
                if round % 3 == 1 { usleep(UInt32.random(in: 0..<100, using: &random)) }
            } while true
        }
        let all = readings.all
        #expect(all.count == folded && all.values.allSatisfy { $0.count == 1 })
    }

    @Test func aHelperTakesPartOfTheWork() throws {
        let served = Served(capacity: 32)
        defer { served.close() }
        var rounds = 0
        while !served.readings.all.values.contains(["helper"]), rounds < 2000 {
            rounds += 1
            plan(served.groups, 32)
            while served.groups.next(reading: {
                usleep(50)
                served.readings.note($0, by: "worker")
            }) != nil { served.groups.advance() }
        }
        #expect(served.readings.all.values.contains(["helper"]))
    }

    /// What `clear` leaves nobody reads any more: its messages are given back.
    @Test func afterClearingNobodyReadsWhatWasPlanned() throws {
        let isReading = Atomic(0)
        let served = Served(capacity: 32) {
            isReading.add(1, ordering: .sequentiallyConsistent)
            usleep(500)
            isReading.subtract(1, ordering: .sequentiallyConsistent)
        }
        defer { served.close() }
        for _ in 0..<50 {
            plan(served.groups, 32)
            usleep(300)
            served.groups.clear()
            #expect(isReading.load(ordering: .sequentiallyConsistent) == 0)
            #expect(served.groups.next(reading: { _ in }) == nil)
        }
    }
}
