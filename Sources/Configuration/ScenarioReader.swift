import Foundation
import Journey

/// Reads the cases of a scenario.
struct ScenarioReader {
    private static let times = Span.zero...SpanText.maximum
    private static let usualStart = Instant(milliseconds: 1_767_258_000_000)
    private static let startForm = "a time such as `2026-01-01T09:00:00Z`"

    func read(_ value: Value) -> Scenario.Case? {
        guard let section = Section(value, keys: ["name", "start", "given", "when", "then"]) else { return nil }
        let name = section.required("name", "say what the case shows")?.text(maximumBytes: Limits.valueBytes)
        let start = section["start"].map(time) ?? Self.usualStart
        let given = section.required("given", "list the events that arrive")?.items(maximum: Scenario.maximumItems)
        let when = section.required("when", "say how much time passes, as in `when: 10d`")?.span(Self.times)
        let then = section.required("then", "list the reminders that are to be sent, or `[]` for none")?
            .items(maximum: Scenario.maximumItems)
        guard let name, let start, let given, let when, let then else { return nil }
        let events = given.enumerated().compactMap { event($1, number: $0 + 1, start) }
        let reminders = then.compactMap(reminder)
        for event in events where event.at > when {
            section.findings.mistake(
                .neverFires, at: event.place, "given",
                "the event arrives \(SpanText.describe(event.at)) after the start, and only "
                    + "\(SpanText.describe(when)) pass: make `when` longer")
        }
        return Scenario.Case(
            name: name, place: value.place, start: start, given: events, when: when, then: reminders)
    }

    private func time(_ value: Value) -> Instant? {
        guard let text = value.text(Self.startForm, maximumBytes: 64) else { return nil }
        guard let date = try? Date(text, strategy: .iso8601) else {
            value.mistake(.invalidValue, "`\(value.name)` must be \(Self.startForm), not `\(value.written)`")
            return nil
        }
        return Instant(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }

    // MARK: Given

    private static let eventKeys = ["at", "time", "type", "data"] + EventParts.all.map(\.name)

    private func event(_ value: Value, number: Int, _ start: Instant) -> Scenario.Event? {
        guard let section = Section(value, keys: Self.eventKeys) else { return nil }
        let at = section.required("at", "say when it arrives, after the start, as in `at: 2d`")?.span(Self.times)
        let type = section.required("type", "name the event's type").flatMap(type)
        guard let at, let type else { return nil }
        let place = value.place
        var root = YAMLNode(content: .mapping([]), place: place)
        func set(_ path: [String], _ text: String) { root.set(path[...], to: .text(text, at: place)) }
        set(["specversion"], "1.0")
        set(["type"], type)
        set(["id"], "event-\(number)")
        set(["source"], "/scenario")
        guard let time = section["time"].map({ ownTime($0, start) }) ?? start + at else { return nil }
        set(["time"], Date(timeIntervalSince1970: Double(time.milliseconds) / 1000).formatted(Self.timeStyle))
        if let data = section["data"] { root.set(["data"], to: data.node) }
        for (key, path) in EventParts.all {
            if let part = section[key] { root.set(path[...], to: part.node) }
        }
        let key = (section["prospect"] ?? section["email"])?.text(maximumBytes: Limits.valueBytes) ?? ""
        guard let json = JSONValue(root, value.findings).encoded else {
            value.mistake(.invalidValue, "the event cannot be written as JSON")
            return nil
        }
        return Scenario.Event(at: at, place: place, key: key, value: json)
    }

    /// One that Winback knows: any other is ignored in service, and a slip of the pen here.
    private func type(_ value: Value) -> String? {
        value.name(among: EventType.allCases.map(\.name)) { _ in
            "no event type is named `\(value.written)`: events of it would be ignored"
        }
    }

    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// The event's own time, where it differs from its arrival: after the start too, or a time of day.
    private func ownTime(_ value: Value, _ start: Instant) -> Instant? {
        if case .scalar(let scalar) = value.node.content, scalar.text.contains("T"), scalar.text.contains("-") {
            return time(value)
        }
        return value.span(Self.times).map { start + $0 }
    }

    // MARK: Then

    private static let reminderParts: [(key: String, pointer: String)] = [
        ("template", "/data/template"), ("policy", "/data/policy/name"), ("step", "/data/step/number"),
        ("tenant", "/data/tenant"), ("prospect", "/data/prospect/id"), ("email", "/data/prospect/email"),
        ("campaign", "/data/campaign"), ("tags", "/data/tags"),
    ]

    private func reminder(_ value: Value) -> Scenario.Reminder? {
        guard let section = Section(value, keys: ["at", "fields"] + Self.reminderParts.map(\.key)) else { return nil }
        let at = section.required("at", "say when it is due, after the start, as in `at: 3d`")?.span(Self.times)
        var parts: [Scenario.Reminder.Part] = []
        for (key, pointer) in Self.reminderParts {
            guard let part = section[key], let wanted = texts(part) else { continue }
            parts.append(Scenario.Reminder.Part(name: key, pointer: pointer, wanted: wanted))
        }
        if let fields = section["fields"] { parts += self.fields(fields) }
        return at.map { Scenario.Reminder(at: $0, place: value.place, parts: parts) }
    }

    private func texts(_ value: Value) -> [String]? {
        guard let items = value.items(maximum: Limits.tags) else { return nil }
        let texts = items.compactMap { $0.text(maximumBytes: Limits.valueBytes) }
        return texts.count == items.count ? texts : nil
    }

    private func fields(_ value: Value) -> [Scenario.Reminder.Part] {
        guard case .mapping(let entries) = value.node.content else {
            value.mistake(.invalidValue, "`fields` must be a mapping of names to values, not \(value.node.kind)")
            return []
        }
        return entries.compactMap { entry in
            let field = Value(node: entry.value, path: "\(value.path).\(entry.key)", findings: value.findings)
            guard let text = field.text(maximumBytes: Limits.valueBytes, allowsEmpty: true) else { return nil }
            return Scenario.Reminder.Part(
                name: "fields.\(entry.key)", pointer: "/data/fields/\(entry.key.pointerToken)", wanted: [text])
        }
    }
}

/// A part of a YAML document as JSON: `true`, `false` and numbers are those where they have no quotes, nothing is null.
struct JSONValue {
    private let value: Any

    init(_ node: YAMLNode, _ findings: Findings) {
        switch node.content {
        case .mapping(let entries):
            value = Dictionary(
                entries.map { ($0.key, JSONValue($0.value, findings).value) }, uniquingKeysWith: { _, last in last })
        case .sequence(let items): value = items.map { JSONValue($0, findings).value }
        case .scalar(let scalar):
            findings.report(scalar.problems, "")
            value = Self.scalar(scalar)
        }
    }

    private static func scalar(_ scalar: YAMLNode.Scalar) -> Any {
        if scalar.isNull { return NSNull() }
        guard scalar.isPlain else { return scalar.text }
        if scalar.text == "true" || scalar.text == "false" { return scalar.text == "true" }
        let isNumber = scalar.text.wholeMatch(of: /-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?/) != nil
        return isNumber ? NSDecimalNumber(string: scalar.text) : scalar.text
    }

    /// `nil` where there is no such JSON, or it is no object.
    var encoded: String? { JSONSerialization.isValidJSONObject(value) ? fragment : nil }

    /// The same for a single value.
    var fragment: String? {
        guard JSONSerialization.isValidJSONObject([value]) else { return nil }
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed]
        return (try? JSONSerialization.data(withJSONObject: value, options: options)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
