import Engine
import Foundation
import Journal
import Journey

/// The queue of timers alone, in memory; and what is due with its decisions, commands and journal.
struct TimerBench {
    let sizes: BenchSizes
    let folder: String

    private static let first = BenchTraffic.start + .days(1)
    private static let spreadSeconds = 30 * 86_400
    /// Timers move by up to so much.
    private static let moveSeconds = 86_400

    func run(_ report: inout BenchReport) throws {
        try alone(&report)
        try decided(&report)
    }

    /// By the thread's processor time: it is all in memory, and what else the machine does is not asked.
    private func alone(_ report: inout BenchReport) throws {
        var draws = Draws()
        let due = (0..<sizes.prospects).map { _ in
            Self.first + Span(milliseconds: Int64(draws.next(below: Self.spreadSeconds * 1000)))
        }
        let trial = try TimerTrial(configuration: FlatEvents.configuration(data: folder), dueTimes: due)
        let order = Permutation(count: due.count)
        func each(_ figure: String, _ note: String? = nil, _ move: (Int) -> Instant) {
            let watch = Stopwatch()
            for place in 0..<order.count {
                let prospect = order[place]
                trial.queue(prospect, at: move(prospect))
            }
            add(figure, Double(order.count) / watch.threadSeconds, note, &report)
        }
        let move = Span.seconds(Int64(Self.moveSeconds))
        each("timers queued") { due[$0] }
        report.add(
            Figure(
                "P4", "memory of a timer", Double(trial.bytes) / Double(due.count), "bytes", goal: .atMost(16),
                beside: ("an 8-byte record and the prospect's 4-byte second", 12)))
        each("timers moved to later", "the record stays, and is queued again when it comes up") { due[$0] + move }
        each("timers moved to earlier", "a second record is queued") { due[$0] - move }
        let last = Self.first + .seconds(Int64(Self.spreadSeconds)) + move + move
        let taking = Stopwatch()
        let taken = trial.takeAll(upTo: last)
        guard taken == due.count else { throw BenchError("\(taken) of \(due.count) timers came out of the queue") }
        add("timers taken out, by their seconds", Double(taken) / taking.threadSeconds, nil, &report)
        for prospect in due.indices { trial.queue(prospect, at: due[prospect]) }
        let ordering = Stopwatch()
        let ordered = trial.takeInOrder(upTo: last)
        let seconds = ordering.threadSeconds
        guard ordered.count == due.count, ordered.isOrdered else {
            throw BenchError("\(ordered.count) of \(due.count) timers came, in order: \(ordered.isOrdered)")
        }
        add("timers taken out in exact (due, journey) order", Double(ordered.count) / seconds, nil, &report)
    }

    private func add(_ figure: String, _ perSecond: Double, _ note: String?, _ report: inout BenchReport) {
        report.add(Figure("P4", figure, perSecond, "timers/s/core", goal: .atLeast(5_000_000), note: note))
    }

    /// Everybody is due at once.
    private func decided(_ report: inout BenchReport) throws {
        let data = "\(folder)/timer-data"
        defer { try? FileManager.default.removeItem(atPath: data) }
        let engine = try OfflineEngine(
            configuration: FlatEvents.configuration(data: data), partitions: 1, activation: BenchTraffic.start,
            fileSystem: POSIXFileSystem(), journal: sizes.journal)
        let feed = OfflineFeed(engine, prospects: sizes.prospects, partitions: 1)
        try feed.open()
        try feed.finish()
        let watch = Stopwatch()
        var clock = BenchTraffic.start + .days(1) + Span(milliseconds: Int64(sizes.prospects))
        var (decided, commands, longestTick) = (0, 0, 0.0)
        while true {
            let tick = Stopwatch()
            let count = try engine.tick(clock)
            longestTick = max(longestTick, tick.seconds)
            try engine.commit { if $0.isReminder { commands += 1 } }
            if count == 0 { break }
            decided += count
            clock = clock + .seconds(1)
        }
        let seconds = watch.seconds
        guard commands == engine.prospectCount else {
            throw BenchError("\(commands) reminders were decided for \(engine.prospectCount) prospects")
        }
        report.add(
            Figure(
                "P4", "due timers decided, made commands and journalled, synced", Double(decided) / seconds, "timers/s",
                note: "\(commands) commands; the longest tick took \(BenchReport.text(longestTick * 1000)) ms"))
        try engine.close()
    }
}
