import Foundation
import KafkaTestSupport

/// A checkout event in either of the two ways in which CloudEvents lie in Kafka.
struct Event {
    var type: String
    var prospect: String
    var id = UUID().uuidString
    var time = Date()
    var email: String? = "someone@example.com"

    static func opening(_ prospect: String) -> Event { Event(type: "sales-lead.created", prospect: prospect) }
    static func purchase(_ prospect: String) -> Event { Event(type: "policy.issued", prospect: prospect) }

    private var timeText: String {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return formatter.string(from: time)
    }

    private var data: String {
        let address = email.map { #","email":"\#($0)""# } ?? ""
        return #"{"tenant":"shop","prospect":{"id":"\#(prospect)"\#(address),"firstName":"Jane"}}"#
    }

    /// The whole event is the value.
    var structured: Message {
        let value = """
            {"specversion":"1.0","id":"\(id)","source":"/tests","type":"\(type)","time":"\(timeText)",\
            "datacontenttype":"application/json","data":\(data)}
            """
        return Message(
            key: prospect, value: value, headers: [Message.Header("content-type", "application/cloudevents+json")])
    }

    /// Attributes are headers.
    var binary: Message {
        let attributes = [
            ("content-type", "application/json"), ("ce_specversion", "1.0"), ("ce_id", id), ("ce_source", "/tests"),
            ("ce_type", type), ("ce_time", timeText),
        ]
        return Message(key: prospect, value: data, headers: attributes.map { Message.Header($0, $1) })
    }
}
