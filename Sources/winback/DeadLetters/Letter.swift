import Foundation
import Kafka

/// A message of the dead-letter topic, copied: where it is, where it was, and why it is there.
struct Letter {
    /// Where it lies in the dead-letter topic.
    let partition: Int32
    let offset: Int64
    /// The time of the message that was refused, in milliseconds since 1970.
    let time: Int64
    let key: [UInt8]?
    let value: [UInt8]?
    /// As the message had them, without what was added when it was refused.
    let headers: [(name: String, value: [UInt8]?)]
    private let added: [String: String]

    /// Marks a message of ours, in the dead-letter topic, that says which letter has been sent again.
    static let resubmittedHeader = "winback-resubmitted"
    /// Says, in the event topic, which letter a message was.
    static let originHeader = "winback-resubmitted-from"

    private static let addedPrefix = "__connect.errors."
    private static let addedNames: Set<String> = [
        "winback-reason", "winback-field", "winback-value-bytes", "winback-value-sha256",
    ]

    init(_ batch: MessageBatch, _ index: Int) {
        partition = batch.partition(index)
        offset = batch.offset(index)
        time = batch.timestampMilliseconds(index)
        key = batch.key(index).map(Array.init)
        value = batch.value(index).map(Array.init)
        var list: [MessageHeader] = []
        batch.headers(index, into: &list)
        var headers: [(name: String, value: [UInt8]?)] = []
        var added: [String: String] = [:]
        for header in list {
            let name = String(decoding: header.name, as: UTF8.self)
            if name.hasPrefix(Self.addedPrefix) || Self.addedNames.contains(name) {
                // A message that was refused twice bears them twice: the last ones count.
                added[name] = header.value.map { String(decoding: $0, as: UTF8.self) }
            } else {
                headers.append((name, header.value.map(Array.init)))
            }
        }
        self.headers = headers
        self.added = added
    }

    /// How people name it: `3:120`.
    var place: String { "\(partition):\(offset)" }

    /// The offset of the letter that this message says was sent again; `nil` for a letter.
    var resubmitted: Int64? {
        headers.last { $0.name == Self.resubmittedHeader }?.value.flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    var topic: String? { added["__connect.errors.topic"] }
    var originalPartition: Int32? { added["__connect.errors.partition"].flatMap { Int32($0) } }
    var originalOffset: Int64? { added["__connect.errors.offset"].flatMap { Int64($0) } }
    /// `checkout-events-3:4711`.
    var origin: String { "\(topic ?? "?")-\(originalPartition ?? -1):\(originalOffset ?? -1)" }
    var reason: String { added["winback-reason"] ?? "unknown" }
    var field: String { added["winback-field"] ?? "" }
    var message: String { added["__connect.errors.exception.message"] ?? "" }
    /// How large the value was that was left out, because no topic would have taken it.
    var omittedBytes: Int? { added["winback-value-bytes"].flatMap { Int($0) } }
    var isWhole: Bool { omittedBytes == nil && topic != nil && originalPartition != nil }

    /// The event's type, as far as one can be read.
    var type: String? {
        if let header = headers.last(where: { $0.name.lowercased() == "ce_type" })?.value {
            return String(decoding: header, as: UTF8.self)
        }
        guard let value, let object = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any] else {
            return nil
        }
        return object["type"] as? String
    }
}
