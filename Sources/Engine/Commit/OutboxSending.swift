import Configuration
import Kafka

extension Outbox {
    func publish(to body: (OfflineEngine.Published) -> Void) {
        for message in messages {
            body(
                OfflineEngine.Published(
                    destination: message.destination, key: message.key, value: message.value,
                    headers: headers[message.headers].map { (name: $0.name, value: $0.value) }))
        }
    }

    /// Hands every message to the open transaction, in the order in which it was decided.
    func send(through producer: any BrokerProducer, to topics: Topics) throws {
        for message in messages {
            try producer.send(
                topic: topics.name(of: message.destination), key: message.key, value: message.value,
                headers: Array(headers[message.headers]), timestampMilliseconds: message.timestamp)
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
