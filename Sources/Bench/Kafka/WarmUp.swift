import Engine
import Kafka

/// Work for a broker that was just started: at first its virtual machine compiles what it runs, on the processors that the
/// measured program needs. Those that people run have done so long ago.
struct WarmUp {
    let bootstrapServers: String
    let folder: String

    private static let messagesPerTransaction = 10_000

    /// Publishes events in transactions to topics of its own for so many seconds.
    func run(seconds: Double) throws {
        let stage = try KafkaStage("warm-up", bootstrapServers, folder: folder)
        let producer = try TransactionalProducer(
            settings: stage.settings, transactionalID: "\(stage.names.prefix)-producer", topics: [stage.names.events])
        defer { producer.close() }
        try producer.initTransactions(timeoutMilliseconds: 30_000)
        let writer = FlatEvents()
        let time = SystemTime()
        let watch = Stopwatch()
        var number = 0
        while watch.seconds < seconds {
            try producer.begin()
            for _ in 0..<Self.messagesPerTransaction {
                writer.write(.started, person: number, number: number, at: time.wall)
                try producer.send(topic: stage.names.events, key: writer.key, value: writer.value)
                number += 1
            }
            try producer.commit(timeoutMilliseconds: 60_000)
        }
    }
}
