import Contract
import Journey

/// How the messages of one event topic become events.
public struct EventMapping: Hashable, Sendable {
    /// Without identity and further fields: those are the same for all topics.
    public var shape = EventShape.default
    /// What the topic's messages call a type; types that are not listed go by their own names.
    public var typeNames: [EventType: [String]] = [:]
    /// Where the topic's messages have what policies name by a pointer; a pointer that is not listed leads there itself.
    public var fields: [String: [EventShape.Place]] = [:]

    /// As `schemas/` describes events.
    public static let `default` = EventMapping()

    public init() {}

    /// Every name with its type, in the order of the types.
    public var names: [(name: String, type: EventType)] {
        EventType.allCases.flatMap { type in
            (typeNames[type] ?? [type.name]).map { (name: $0, type: type) }
        }
    }

    /// Where the fields of policies lie, in their order.
    public func places(of pointers: [String]) -> [[EventShape.Place]] {
        pointers.map { fields[$0] ?? [.pointer($0)] }
    }
}

/// How messages become events, by topic.
public struct EventMappings: Hashable, Sendable {
    /// Of topics that have none of their own.
    public var common = EventMapping.default
    public var byTopic: [String: EventMapping] = [:]

    public init() {}

    public func of(_ topic: String) -> EventMapping { byTopic[topic] ?? common }

    /// Whether a message of any topic may be something else than a CloudEvent.
    var hasJSON: Bool { ([common] + byTopic.values).contains { $0.shape.format == .json } }
}
