import Foundation
import Journal
import Kafka

/// What a run leaves behind: the topics as a reader of committed messages sees them, and the files.
struct Evidence {
    /// A message of an event topic.
    struct Message {
        var offset: Int64
        var happening: Happening
        /// When the broker had it.
        var appended: Int64
    }

    /// A reminder as a mail worker reads it.
    struct Published: Hashable {
        var id: String
        var reminder: Model.Reminder
        /// When the broker had it.
        var appended: Int64
    }

    /// By partition, in their order.
    var messages: [[Message]]
    var published: [Published]
    /// Dead letters, as partition and offset of the message.
    var deadLetters: [String]
    var disk: any FileSystem
    /// How many actions a tick decided at most.
    var maximumDuePerTick: Int
    /// By when everything that was due has come, on the partitions' clocks.
    var calmSince: Int64
    /// The configuration that journeys are moved to when it is activated.
    var migratesTo: PlainConfiguration?
    /// The configurations that were ever activated, by their text in journals.
    var texts: [String: PlainConfiguration]
}

extension Evidence.Published {
    /// Reads a command; `nil` if it is none.
    init?(_ value: [UInt8], appended: Int64) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any],
            let id = object["id"] as? String, let data = object["data"] as? [String: Any],
            let policy = (data["policy"] as? [String: Any])?["name"] as? String,
            let person = data["prospect"] as? [String: Any],
            let step = (data["step"] as? [String: Any])?["number"] as? Int,
            let opening = (data["openedBy"] as? [String: Any])?["id"] as? String,
            let template = data["template"] as? String, let fields = data["fields"] as? [String: String],
            let due = Self.time(data["dueAt"]), let emitted = Self.time(data["emittedAt"]),
            let expires = Self.time(data["expiresAt"])
        else { return nil }
        self.id = id
        self.appended = appended
        reminder = Model.Reminder(
            journey: "\(policy) of \(opening)", prospect: person["id"] as? String ?? "",
            email: person["email"] as? String ?? "", template: template, step: step, due: due, emitted: emitted,
            expires: expires, fields: fields)
    }

    private static func time(_ value: Any?) -> Int64? {
        guard let text = value as? String,
            let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        else { return nil }
        return Int64((date.timeIntervalSince1970 * 1000).rounded())
    }
}
