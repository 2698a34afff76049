import Engine
import Foundation
import Journey
import Kafka
import Synchronization

/// After an outage every prospect's reminder is overdue: how soon all are published, each once, and how long other
/// events wait behind them.
struct OverdueBench {
    let sizes: BenchSizes
    let folder: String
    let bootstrapServers: String

    private static let otherEventsPerSecond = 500.0
    /// The clock stands so long before now until all events are folded; reminders are due an hour after them.
    private static let outage = Span.hours(3)
    /// In which everybody came: nobody's reminder is due in the same millisecond as everybody's.
    private static let visits = Span.minutes(10)
    /// How long other events are sent before and behind.
    private static let quietSeconds = 2.0

    func run(_ report: inout BenchReport) throws {
        try WarmUp(bootstrapServers: bootstrapServers, folder: folder).run(seconds: sizes.brokerWarmingSeconds)
        let stage = try KafkaStage("overdue", bootstrapServers, folder: folder)
        let data = stage.freshData("overdue-data")
        defer { try? FileManager.default.removeItem(atPath: data) }
        let time = SetTime(behind: Self.outage)
        let start = time.wall - Self.visits
        try stage.publish(sizes.prospects) { index, writer in
            let visit = start + Span(milliseconds: Self.visits.milliseconds * Int64(index) / Int64(sizes.prospects))
            writer.write(.started, person: index, number: index, at: visit)
            return visit
        }
        let ends = try stage.ends()
        let configuration = try FlatEvents.configuration(
            data: data, names: stage.names, group: stage.names.prefix, wait: "1h")
        // The time is set by us, and not wrong.
        let run = try EngineRun(configuration, time: time, acceptsClock: true)
        try run.waitForCommit(of: sizes.prospects)
        try run.waitForTick()
        guard run.commits.messages == 0 else { throw BenchError("reminders were published before they were due") }
        let others = SteadyProducer(
            stage, perSecond: Self.otherEventsPerSecond, first: sizes.prospects, ends: ends, time: SystemTime())
        usleep(UInt32(Self.quietSeconds * 1e6))
        let jumped = Stopwatch.now
        time.catchUp()
        try run.wait(for: "the overdue reminders") { run.commits.messages >= sizes.prospects }
        usleep(UInt32(Self.quietSeconds * 1e6))
        let sent = try others.finish()
        try run.waitForCommit(of: sizes.prospects + sent.count)
        try run.stop()
        try addPublishing(run.commits.commits, jumped, try countReminders(stage), &report)
        addWaits(run.commits, sent, jumped, &report)
    }

    /// Reads the topic and sees that everybody has one reminder.
    ///
    /// - Returns: how many there are.
    private func countReminders(_ stage: KafkaStage) throws -> Int {
        guard
            let scan = try TopicScan(topic: stage.names.reminders, settings: stage.settings, group: stage.names.prefix)
        else { throw BenchError("the reminder topic is gone") }
        var seen = [Bool](repeating: false, count: sizes.prospects)
        var count = 0
        try scan.read(waitsForTransactions: true) { batch, index in
            guard let person = batch.key(index).flatMap(FlatEvents.person), person < seen.count else { return }
            guard !seen[person] else { throw BenchError("person \(person) got two reminders") }
            seen[person] = true
            count += 1
        }
        guard count == sizes.prospects else {
            throw BenchError("\(count) of \(sizes.prospects) prospects have a reminder")
        }
        return count
    }

    private func addPublishing(
        _ commits: [CommitWatch.Commit], _ jumped: Double, _ count: Int, _ report: inout BenchReport
    ) throws {
        let publishing = commits.filter { $0.messages > 0 }
        guard let first = publishing.first, let last = publishing.last else {
            throw BenchError("no commit had a reminder")
        }
        report.add(
            Figure(
                "P5", "overdue reminders published, each once", last.committedAt - jumped, "s", goal: .atMost(3),
                note: "\(count) of them, counted by a reader, in \(publishing.count) transactions; "
                    + "the first was durable after \(BenchReport.text(first.durableAt - jumped)) s"))
    }

    private func addWaits(
        _ commits: CommitWatch, _ sent: [SentEvent], _ jumped: Double, _ report: inout BenchReport
    ) {
        let before = Percentiles(commits.waits(of: sent.filter { $0.sentAt < jumped - 0.5 }).committed)
        let behind = Percentiles(commits.waits(of: sent.filter { $0.sentAt >= jumped - 0.5 }).committed)
        report.add(
            Figure(
                "P5", "longest wait of other events behind them, until committed", behind.highest, "s",
                goal: .atMost(1),
                beside: ("the longest before", before.highest),
                note: "\(behind.count) events, median \(BenchReport.text(behind.middle * 1000)) ms"))
    }
}

/// The system's time, set back until it is let go.
final class SetTime: TimeSource {
    private let behindMilliseconds: Atomic<Int64>
    private let system = SystemTime()

    init(behind: Span) { behindMilliseconds = Atomic(behind.milliseconds) }

    func catchUp() { behindMilliseconds.store(0, ordering: .relaxed) }

    var wall: Instant { system.wall - Span(milliseconds: behindMilliseconds.load(ordering: .relaxed)) }
    var bootMilliseconds: Int64 { system.bootMilliseconds }
    var rate: Double { 1 }
}
