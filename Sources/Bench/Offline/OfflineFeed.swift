import Engine
import Journey
import Kafka

/// Feeds flat events to an engine without a broker, in batches as a poll hands them over, and times each: building a
/// batch is not measured.
final class OfflineFeed {
    let engine: OfflineEngine
    let partitions: Int
    private let prospectsPerPartition: Permutation
    private let writer = FlatEvents()
    private let batch = MessageBatch(capacity: OfflineFeed.batchEvents)
    private var offsets: [Int64]
    private var counts: [Int]
    private var draws = Draws()
    private var number = 0
    private var committed = Stopwatch.now
    private(set) var eventCount = 0
    private(set) var seconds = 0.0
    /// Processor time of the folding thread.
    private(set) var processorSeconds = 0.0
    private(set) var longest = Step()
    private let disk: DiskTimes?

    private let queue = ProcessorQueue()

    /// A batch: how long it took, how much of it was computed, for how much of it a processor was waited for, and for
    /// how much the disk.
    struct Step {
        var seconds = 0.0
        var processorSeconds = 0.0
        var queueSeconds = 0.0
        var diskSeconds = 0.0

        /// What it would have taken with a processor of its own.
        var ownSeconds: Double { max(0, seconds - queueSeconds) }
    }

    static let batchEvents = 1_000
    /// Messages of one partition that come behind one another, as fetches have them.
    private static let runEvents = 125
    /// A commit comes this often, as in service.
    private static let commitSeconds = 0.1

    /// - Parameters:
    ///   - prospects: at least as many as partitions.
    ///   - disk: the engine's, where it is watched.
    init(_ engine: OfflineEngine, prospects: Int, partitions: Int, disk: DiskTimes? = nil) {
        self.disk = disk
        self.engine = engine
        self.partitions = partitions
        prospectsPerPartition = Permutation(count: max(1, prospects / partitions))
        offsets = Array(repeating: 0, count: partitions)
        counts = offsets.map { _ in 0 }
    }

    /// What is measured from now on.
    func reset() {
        (eventCount, seconds, processorSeconds) = (0, 0, 0)
        longest = Step()
    }

    /// Every prospect's first event.
    func open() throws {
        try feed(prospectsPerPartition.count * partitions, .started) { feed, partition in
            defer { feed.counts[partition] += 1 }
            return feed.prospectsPerPartition[feed.counts[partition]]
        }
    }

    /// Activity of prospects drawn from all.
    func update(_ count: Int) throws {
        try feed(count, .updated) { feed, _ in feed.draws.next(below: feed.prospectsPerPartition.count) }
    }

    private func feed(_ count: Int, _ kind: FlatEvents.Kind, _ pick: (OfflineFeed, Int) -> Int) throws {
        for index in 0..<count {
            let partition = index / Self.runEvents % partitions
            let person = pick(self, partition) * partitions + partition
            number += 1
            writer.write(
                kind, person: person, number: number, at: BenchTraffic.start + Span(milliseconds: Int64(number)))
            batch.append(
                partition: Int32(partition), offset: offsets[partition], timestampMilliseconds: 4_000_000_000_000,
                key: writer.key, value: writer.value)
            offsets[partition] += 1
            if batch.count == Self.batchEvents { try step() }
        }
        if !batch.isEmpty { try step() }
    }

    private func step() throws {
        let (waited, queued) = (disk?.waitedSeconds ?? 0, queue.waitedSeconds)
        let watch = Stopwatch()
        try engine.fold(batch)
        // As in service: folding goes on while the commit before takes its time.
        if Stopwatch.now - committed >= Self.commitSeconds, !engine.isCommitting {
            try engine.beginCommit()
            committed = Stopwatch.now
        }
        let step = Step(
            seconds: watch.seconds, processorSeconds: watch.threadSeconds,
            queueSeconds: queue.waitedSeconds - queued,
            diskSeconds: (disk?.waitedSeconds ?? 0) - waited)
        if step.ownSeconds > longest.ownSeconds { longest = step }
        seconds += step.seconds
        processorSeconds += step.processorSeconds
        eventCount += batch.count
        batch.release()
    }

    /// Commits what is left, and counts the time.
    func finish() throws {
        let watch = Stopwatch()
        try engine.commit()
        committed = Stopwatch.now
        seconds += watch.seconds
        processorSeconds += watch.threadSeconds
    }
}
