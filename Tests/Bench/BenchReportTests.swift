import Foundation
import Kafka
import Testing

@testable import Bench

@Suite struct BenchReportTests {
    @Test func aFigureOfSeveralRunsIsItsMiddleWithTheFarthestRunAsItsSpread() {
        let spread = Spread([130, 100, 90])
        #expect(spread.median == 100)
        #expect(spread.share == 0.3)
        #expect(Spread([4, 2]).median == 3)
        #expect(Spread([7]).share == nil)
    }

    @Test func aRatioIsOfTheSameRun() {
        var figure = Figure("P2", "speed", 50, "events/s", goal: .ratioAtLeast(0.7), beside: ("a peer", 100))
        #expect(figure.isMet == false)
        figure.append(Figure("P2", "speed", 160, "events/s", beside: ("a peer", 200)))
        figure.append(Figure("P2", "speed", 90, "events/s", beside: ("a peer", 100)))
        #expect(figure.ratio == 0.8)
        #expect(figure.isMet == true)
        #expect(figure.value == 90)
    }

    @Test func goalsOfCostsAreMetFromBelow() {
        #expect(Figure(nil, "memory", 95, "bytes", goal: .atMost(96)).isMet == true)
        #expect(Figure(nil, "memory", 97, "bytes", goal: .atMost(96)).isMet == false)
        #expect(Figure(nil, "speed", 97, "events/s", goal: .atLeast(96)).isMet == true)
        #expect(Figure(nil, "sync", 3, "ms", goal: .ratioAtMost(1.5), beside: ("a loop", 1)).isMet == false)
        #expect(Figure(nil, "speed", 97, "events/s").isMet == nil)
    }

    @Test func aChangeCountsWhereNoRunLiesAmongTheOthers() {
        let old = Spread([100, 110, 105])
        #expect(ReportComparison.verdict(old, Spread([120, 125]), isCost: false) == "better")
        #expect(ReportComparison.verdict(old, Spread([120, 125]), isCost: true) == "worse")
        #expect(ReportComparison.verdict(old, Spread([80, 90]), isCost: true) == "better")
        #expect(ReportComparison.verdict(old, Spread([108, 130]), isCost: false) == "within the spread")
        #expect(ReportComparison.verdict(old, Spread([500]), isCost: false) == "unknown: one run")
        #expect(ReportComparison.verdict(old, old, isCost: false) == "the same")
    }

    @Test func thePercentileIsTheSmallestValueThatEnoughDoNotExceed() {
        let values = Percentiles((1...200).map(Double.init))
        #expect(values[0.99] == 198)
        #expect(values.middle == 100)
        #expect(values.highest == 200)
        #expect(Percentiles([5])[0.99] == 5)
    }

    @Test func partsAreChosenByNameAndByGoal() throws {
        #expect(try BenchOptions(["--only", "timers,P7"]).parts == [.timers, .sync, .latency])
        #expect(try BenchOptions(["--journal-bytes", "10G"]).sizes.journalBytes == 10 << 30)
        #expect(try BenchOptions(["--peer", "streams=java -jar a=b"]).peers.first?.command == "java -jar a=b")
        for wrong in [["--only", "P0"], ["--prospects", "many"], ["--peer", "streams"], ["--runs"], ["--fast"]] {
            #expect(throws: BenchError.self) { _ = try BenchOptions(wrong) }
        }
    }

    @Test func aWaitEndsWithTheFirstCommitBehindTheEvent() {
        let watch = CommitWatch()
        func commit(_ offset: Int64, at time: Double) {
            let offsets = [PartitionOffset(TopicPartition("events", 3), offset: offset)]
            watch.note(.init(durableAt: time, committedAt: time + 1, offsets: offsets, messages: 0))
        }
        commit(5, at: 10)
        commit(8, at: 20)
        let events = [7, 4, 5, 8].map { SentEvent(person: 0, partition: 3, offset: $0, sentAt: 9) }
        let waits = watch.waits(of: events)
        #expect(waits.durable == [1, 11, 11])
        #expect(waits.committed == [2, 12, 12])
    }

    @Test func flatEventsAreFixedInSizeAndTellTheirPerson() throws {
        let events = FlatEvents()
        for kind in FlatEvents.Kind.allCases {
            events.write(kind, person: 1_234_567, number: 89, at: BenchTraffic.start)
            #expect(FlatEvents.person(of: events.key) == 1_234_567)
            let object = try JSONSerialization.jsonObject(with: Data(events.value)) as? [String: Any]
            #expect(object?["prospect_id"] as? String == "p-0001234567")
            #expect(object?["occurred_at"] as? Int64 == BenchTraffic.start.milliseconds)
            #expect((350...450).contains(events.value.count))
        }
    }

    @Test func everyNumberOfAPermutationComesOnce() {
        for count in [1, 2, 3, 10, 64, 1000] {
            let permutation = Permutation(count: count)
            #expect(Set((0..<count).map { permutation[$0] }) == Set(0..<count))
        }
    }
}
