import Foundation
import Kafka
import Synchronization

/// Reads reminders as a mail worker does, as soon as they are committed, and notes when each person's came.
final class ReminderReader: Sendable {
    private let times = Mutex<[Int: Double]>([:])
    private let isDone = Atomic(false)
    private let thread = Mutex<Background?>(nil)

    init(_ stage: KafkaStage) {
        let (names, settings) = (stage.names, stage.settings)
        thread.withLock { thread in
            thread = Background("reminders") { [self] in
                let quick = KafkaSettings(properties: settings.properties + [("consumer.fetch.wait.max.ms", "10")])
                let consumer = try KafkaConsumer(
                    settings: quick, groupID: "\(names.prefix)-reader", groupInstanceID: nil)
                defer { consumer.close() }
                let batch = MessageBatch(capacity: 1_000)
                defer { batch.release() }
                try consumer.assign(
                    alone: (0..<KafkaStage.partitions).map {
                        PartitionOffset(TopicPartition(names.reminders, $0), offset: 0)
                    })
                while !isDone.load(ordering: .relaxed) {
                    try consumer.poll(into: batch, timeoutMilliseconds: 20)
                    let now = Stopwatch.now
                    for index in 0..<batch.count {
                        guard let person = batch.key(index).flatMap(FlatEvents.person) else {
                            throw BenchError("a reminder has another key than its event")
                        }
                        guard times.withLock({ $0.updateValue(now, forKey: person) }) == nil else {
                            throw BenchError("person \(person) got two reminders")
                        }
                    }
                }
            }
        }
    }

    /// How many people's reminders have been read.
    var count: Int { times.withLock { $0.count } }

    /// - Returns: by person, when the reminder was read, in seconds of `Stopwatch.now`.
    func finish() throws -> [Int: Double] {
        isDone.store(true, ordering: .relaxed)
        try thread.withLock { $0 }?.wait()
        return times.withLock { $0 }
    }
}
