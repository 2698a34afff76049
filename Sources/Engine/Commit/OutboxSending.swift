import Configuration
import Kafka

extension Outbox {
    func publish(to body: (OfflineEngine.Published) -> Void) {
        bytes.withUnsafeBytes { bytes in
            func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }
            for message in messages {
                body(
                    OfflineEngine.Published(
                        destination: message.destination, key: message.hasKey ? part(message.key) : nil,
                        value: message.hasValue ? part(message.value) : nil,
                        headers: headers[message.headers].map { (name: part($0.name), value: $0.value.map(part)) }))
            }
        }
    }

    /// Hands every message to the open transaction, in the order in which it was decided.
    func send(through producer: any BrokerProducer, to topics: Topics) throws {
        var list: [MessageHeader] = []
        try bytes.withUnsafeBytes { bytes in
            func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }
            for message in messages {
                list.removeAll(keepingCapacity: true)
                for header in headers[message.headers] {
                    list.append(MessageHeader(name: part(header.name), value: header.value.map(part)))
                }
                try producer.send(
                    topic: topics.name(of: message.destination),
                    key: message.hasKey ? part(message.key) : nil, value: message.hasValue ? part(message.value) : nil,
                    headers: list, timestampMilliseconds: message.timestamp)
            }
        }
    }
}

extension Topics {
    fileprivate func name(of destination: Outbox.Destination) -> String {
        switch destination {
        case .reminders: return reminders
        case .deadLetters: return deadLetters
        case .leads:
            guard let leads else { preconditionFailure("lead events are made where there is a topic for them") }
            return leads
        }
    }
}
