import Configuration
import Kafka
import Terminal

/// The dead-letter topic, read from its beginning to where it ends now.
struct LetterBox {
    let topic: String
    let settings: KafkaSettings
    let group: String

    init(_ configuration: Configuration) {
        topic = configuration.topics.deadLetters
        settings = configuration.kafkaSettings
        group = "\(configuration.group)-dead-letters"
    }

    /// Every letter with whether it has been sent again, in the order of partitions and offsets.
    func letters() throws -> [(letter: Letter, isResubmitted: Bool)] {
        var letters: [Letter] = []
        var done: Set<String> = []
        try read { message in
            if let offset = message.resubmitted {
                done.insert("\(message.partition):\(offset)")
            } else {
                letters.append(message)
            }
        }
        letters.sort { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
        return letters.map { ($0, done.contains($0.place)) }
    }

    private func read(_ visit: (Letter) -> Void) throws {
        guard let scan = try TopicScan(topic: topic, settings: settings, group: group) else {
            throw CommandError(.unavailable, "there is no topic \(topic); make it with: winback topics create")
        }
        let progress = ProgressBar("reading \(topic)", total: nil, unit: "messages")
        defer { progress.finish() }
        try scan.read(waitsForTransactions: false) {
            progress.update(to: Int64($0))
        } _: { batch, index in
            visit(Letter(batch, index))
        }
    }
}
