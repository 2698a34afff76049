import Configuration
import Contract
import Engine
import Journey
import Kafka
import Terminal

/// Publishes a file of events: each line a structured CloudEvent, under the key that its identity asks for.
struct FilePublisher {
    /// How many refused lines are shown one by one.
    private static let shownRefusals = 20

    let path: String
    let topic: String
    let identity: Configuration.Identity
    /// Lines that are no good are sent all the same, to see what becomes of them.
    let sendsAll: Bool
    let producer: PlainProducer
    let progress: ProgressBar

    /// - Returns: how many lines were not sent.
    func publish(unless isInterrupted: () -> Bool) throws -> Int {
        var shape = EventShape.default
        shape.identity = identity == .email ? .email : .prospect
        let decoder = try EventDecoder(shape: shape, typeNames: EventType.allCases.map(\.name))
        var reader = try LineReader(path: path)
        let name = path == "-" ? "standard input" : path
        var refused = 0
        while !isInterrupted(), let line = try reader.next() {
            guard !line.allSatisfy({ $0 == 32 || $0 == 9 }) else { continue }
            var key: UnsafeRawBufferPointer?
            // An event without a time of its own gets that of its message, which is about now.
            let result = decoder.decode(
                value: line, headers: UnsafeBufferPointer(start: nil, count: 0),
                messageTimestamp: SystemTime().wall.milliseconds)
            switch result {
            case .event, .unknownType:
                let usesEmail = identity == .email || decoder.prospectID.isEmpty
                let found = usesEmail ? decoder.normalisedEmail : decoder.prospectID
                key = found.isEmpty ? nil : found
            case .refused(let refusal):
                guard sendsAll else {
                    refused += 1
                    if refused <= Self.shownRefusals {
                        progress.clear()
                        Screen.errors.line("\(name):\(reader.lineNumber): \(refusal.message)")
                    }
                    continue
                }
            }
            try producer.send(topic: topic, key: key, value: line, headers: [])
            progress.advance()
        }
        if refused > Self.shownRefusals { Screen.errors.line("and \(refused - Self.shownRefusals) more") }
        return refused
    }
}
