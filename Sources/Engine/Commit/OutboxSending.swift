import Kafka

extension Outbox {
    func publish(to body: (OfflineEngine.Published) -> Void) {
        bytes.withUnsafeBytes { bytes in
            func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }
            for message in messages {
                body(
                    OfflineEngine.Published(
                        isReminder: message.destination == .reminders, key: message.hasKey ? part(message.key) : nil,
                        value: message.hasValue ? part(message.value) : nil,
                        headers: headers[message.headers].map { (name: part($0.name), value: $0.value.map(part)) }))
            }
        }
    }

    /// Hands every message to the open transaction, in the order in which it was decided.
    func send(through producer: any BrokerProducer, reminders: String, deadLetters: String) throws {
        var list: [MessageHeader] = []
        try bytes.withUnsafeBytes { bytes in
            func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }
            for message in messages {
                list.removeAll(keepingCapacity: true)
                for header in headers[message.headers] {
                    list.append(MessageHeader(name: part(header.name), value: header.value.map(part)))
                }
                try producer.send(
                    topic: message.destination == .reminders ? reminders : deadLetters,
                    key: message.hasKey ? part(message.key) : nil, value: message.hasValue ? part(message.value) : nil,
                    headers: list, timestampMilliseconds: message.timestamp)
            }
        }
    }
}
