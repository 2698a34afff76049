import Engine
import Foundation
import Journey
import Kafka
import Synchronization

/// At a steady pace on a real broker: how long an event waits until it is durable in the journal, and a due reminder
/// until a `read_committed` consumer has it.
struct LatencyBench {
    let sizes: BenchSizes
    let folder: String
    let bootstrapServers: String

    private static let eventsPerSecond = 1_000.0
    private static let wait = Span.seconds(2)

    func run(_ report: inout BenchReport) throws {
        let stage = try KafkaStage("latency", bootstrapServers, folder: folder)
        let data = stage.freshData("latency-data")
        defer { try? FileManager.default.removeItem(atPath: data) }
        let configuration = try FlatEvents.configuration(
            data: data, names: stage.names, group: stage.names.prefix,
            wait: "\(Self.wait.milliseconds / 1000)s")
        let run = try EngineRun(configuration)
        try run.waitForTick()
        let reader = ReminderReader(stage)
        let ends = try stage.ends()
        let producer = SteadyProducer(
            stage, perSecond: Self.eventsPerSecond, first: 0, ends: ends, time: SystemTime())
        usleep(UInt32(sizes.warmingSeconds * 1e6))
        let warm = Stopwatch.now
        usleep(UInt32(sizes.steadySeconds * 1e6))
        let all = try producer.finish()
        try run.waitForCommit(of: all.count)
        try run.wait(for: "the reminders") { reader.count >= all.count }
        try run.stop()
        let read = try reader.finish()
        let sent = all.filter { $0.sentAt >= warm }
        addJournal(run.commits.waits(of: sent), sent.count, configuration.commitInterval, &report)
        // An event's time is when it was sent, and its reminder is due so much later.
        let late = sent.compactMap { event in
            read[event.person].map { $0 - event.sentAt - Double(Self.wait.milliseconds) / 1000 }
        }
        guard late.count == sent.count else { throw BenchError("\(late.count) of \(sent.count) reminders were read") }
        let bound = Double((configuration.clock.lateness + configuration.clock.interval).milliseconds + 150)
        let times = Percentiles(late)
        report.add(
            Figure(
                "P7", "reminder due -> read by a read_committed consumer, p99", times[0.99] * 1000, "ms",
                goal: .atMost(bound),
                beside: ("lateness allowance and one tick", bound - 150),
                note:
                    "median \(BenchReport.text(times.middle * 1000)) ms, "
                    + "longest \(BenchReport.text(times.highest * 1000)) ms"
            ))
    }

    private func addJournal(
        _ waits: (durable: [Double], committed: [Double]), _ sent: Int, _ interval: Span, _ report: inout BenchReport
    ) {
        let (durable, committed) = (Percentiles(waits.durable), Percentiles(waits.committed))
        let milliseconds = Double(interval.milliseconds)
        report.add(
            Figure(
                "P7", "event sent -> durable in the journal, p99", durable[0.99] * 1000, "ms", goal: .ratioAtMost(2),
                beside: ("the commit interval", milliseconds),
                note: "\(durable.count) events, median \(BenchReport.text(durable.middle * 1000)) ms"))
        report.add(
            Figure(
                "P7", "event sent -> committed on the broker, p99", committed[0.99] * 1000, "ms",
                beside: ("the commit interval", milliseconds)))
    }
}
