import Engine
import Journey
import Kafka

/// Feeds flat events to an engine without a broker, in batches as a poll hands them over, and times each: building a batch is
/// not measured.
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
    private(set) var longestStepSeconds = 0.0
    /// Processor time of the step that took the longest.
    private(set) var longestStepProcessorSeconds = 0.0

    static let batchEvents = 1_000
    /// Messages of one partition that come behind one another, as fetches have them.
    private static let runEvents = 125
    /// A commit comes this often, as in service.
    private static let commitSeconds = 0.1

    /// - Parameter prospects: at least as many as partitions.
    init(_ engine: OfflineEngine, prospects: Int, partitions: Int) {
        self.engine = engine
        self.partitions = partitions
        prospectsPerPartition = Permutation(count: max(1, prospects / partitions))
        offsets = Array(repeating: 0, count: partitions)
        counts = offsets.map { _ in 0 }
    }

    /// What is measured from now on.
    func reset() {
        (eventCount, seconds, processorSeconds) = (0, 0, 0)
        (longestStepSeconds, longestStepProcessorSeconds) = (0, 0)
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
        let watch = Stopwatch()
        try engine.fold(batch)
        // As in service: folding goes on while the commit before takes its time.
        if Stopwatch.now - committed >= Self.commitSeconds, !engine.isCommitting {
            try engine.beginCommit()
            committed = Stopwatch.now
        }
        let taken = watch.seconds
        let computed = watch.threadSeconds
        if taken > longestStepSeconds { (longestStepSeconds, longestStepProcessorSeconds) = (taken, computed) }
        seconds += taken
        processorSeconds += computed
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
