import Engine
import Foundation
import Journey
import Kafka
import Synchronization

/// Sends events at a steady pace on a thread of its own, and notes when each was sent and where it lies: alone on its
/// topic, and by keys whose partition is known.
final class SteadyProducer: Sendable {
    private let sent = Mutex<[SentEvent]>([])
    private let isDone = Atomic(false)
    private let thread = Mutex<Background?>(nil)

    /// - Parameters:
    ///   - first: the first person; each event is another one's.
    ///   - ends: the next offset of each partition.
    ///   - limit: so many events at most.
    init(
        _ stage: KafkaStage, perSecond: Double, first: Int, ends: [Int32: Int64], time: any TimeSource,
        limit: Int = .max
    ) {
        let (names, settings) = (stage.names, stage.settings)
        thread.withLock { thread in
            thread = Background("steady") { [self] in
                // No time is spent on filling batches.
                let quick = KafkaSettings(
                    properties: settings.properties + [
                        ("producer.linger.ms", "0"),
                        // With more, librdkafka's thread polls without a pause while it waits for a busy broker.
                        ("producer.max.in.flight.requests.per.connection", "1"),
                    ])
                let producer = try PlainProducer(settings: quick)
                defer { producer.close() }
                producer.know(topic: names.events, timeoutMilliseconds: 10_000)
                var ends = ends
                let writer = FlatEvents()
                let watch = Stopwatch()
                var count = 0
                while !isDone.load(ordering: .relaxed), count < limit {
                    guard Double(count) < watch.seconds * perSecond else {
                        usleep(500)
                        producer.serve()
                        continue
                    }
                    let now = time.wall
                    writer.write(.started, person: first + count, number: count, at: now)
                    let chosen = PlainProducer.Partitioner.murmur2.partition(
                        of: writer.key, among: KafkaStage.partitions)
                    guard let partition = chosen else { throw BenchError("a key chooses its partition") }
                    let event = SentEvent(
                        person: first + count, partition: partition, offset: ends[partition, default: 0],
                        sentAt: Stopwatch.now)
                    try producer.send(
                        topic: names.events, key: writer.key, value: writer.value,
                        timestampMilliseconds: now.milliseconds)
                    ends[partition, default: 0] += 1
                    sent.withLock { $0.append(event) }
                    count += 1
                }
                guard producer.flush(timeoutMilliseconds: 60_000), producer.deliveries.failed == 0 else {
                    throw BenchError("steady events could not be published")
                }
            }
        }
    }

    /// Ends the sending.
    ///
    /// - Returns: all that was sent.
    func finish() throws -> [SentEvent] {
        isDone.store(true, ordering: .relaxed)
        try thread.withLock { $0 }?.wait()
        return sent.withLock { $0 }
    }
}
