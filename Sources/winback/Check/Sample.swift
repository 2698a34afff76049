import Configuration
import Kafka

/// Messages to look at: from a file, or the newest ones of the event topics.
struct Sample {
    /// What the messages lie in; topic indices are places in `topics.events`.
    let batch: MessageBatch
    /// Where each one is: `events.ndjson:3`, or `checkout-events-0:17`.
    let places: [String]
    /// Whether they have the keys that they have in their topic.
    let knowsKeys: Bool
    /// Of the topics, where it is known in which partition a message lies.
    let partitionCount: Int?
}
