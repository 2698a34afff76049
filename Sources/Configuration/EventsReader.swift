import Contract
import Journey

/// Reads `events:`.
struct EventsReader {
    /// Of `events.topics` too.
    private static let mappingKeys = ["format", "timeFormat", "types", "fields"] + MappedField.allCases.map(\.rawValue)

    static let keys = SettingKeys.events + ["topics"] + mappingKeys

    var identity: Configuration.Identity
    /// `topics.events`.
    var topics: [String]

    func read(_ section: Section?) -> EventMappings {
        var events = EventMappings()
        guard let section else { return events }
        let own = section["topics"].map { ownTopics($0) } ?? [:]
        events.common = mapping(section, from: nil)
        // Where each topic has its own mapping, the common part need not be whole.
        if !topics.allSatisfy({ own[$0] != nil }) { check(events.common, section) }
        for (topic, section) in own {
            let mapping = mapping(section, from: (events.common, events.common.shape.format))
            check(mapping, section)
            events.byTopic[topic] = mapping
        }
        return events
    }

    private func ownTopics(_ value: Value) -> [String: Section] {
        guard case .mapping(let entries) = value.node.content else {
            value.mistake(.invalidValue, "`topics` must be a mapping of topics to their shapes, not \(value.node.kind)")
            return [:]
        }
        var sections: [String: Section] = [:]
        for entry in entries {
            let path = "\(value.path).\(entry.key)"
            guard topics.contains(entry.key) else {
                value.findings.mistake(
                    .unknownName, at: entry.keyPlace, path, "`\(entry.key)` is none of `topics.events`",
                    suggestion: Spelling.suggestion(for: entry.key, among: topics))
                continue
            }
            let own = Value(node: entry.value, path: path, findings: value.findings)
            sections[entry.key] = Section(own, keys: Self.mappingKeys)
        }
        return sections
    }

    /// - Parameter common: what the topic inherits, as far as its own format is the same.
    private func mapping(_ section: Section, from common: (EventMapping, EventShape.Format)?) -> EventMapping {
        let format = section["format"]?.choice(of: EventShape.Format.self) ?? common?.1 ?? .cloudEvents
        var mapping = EventMapping()
        if let common, common.1 == format { mapping = common.0 } else { mapping.shape = Self.shape(format) }
        if let timeFormat = section["timeFormat"]?.choice(of: EventShape.TimeFormat.self) {
            mapping.shape.timeFormat = timeFormat
        }
        let reader = EventPlaceReader(format: format)
        for field in MappedField.allCases {
            guard let value = section[field.rawValue], let places = reader.places(value, of: field) else { continue }
            mapping.shape.places[field.field] = places
        }
        // Where nobody says otherwise, every event names in one place what it is about.
        if format == .json, section["about"] == nil, mapping.shape.places[.aboutSubject] == nil {
            mapping.shape.places[.aboutSubject] = mapping.shape.places[.subject]
        }
        if let types = section["types"] { mapping.typeNames.merge(typeNames(types)) { $1 } }
        if let fields = section["fields"] { mapping.fields.merge(self.fields(fields, reader)) { $1 } }
        return mapping
    }

    /// Says of `fields` that no policy asks for what they name.
    func warnOfUnused(_ section: Section?, _ policies: [Policy]) {
        guard let section else { return }
        let used = Set(policies.flatMap(\.command.pointers))
        let topics = section["topics"].map { ownTopics($0) } ?? [:]
        for section in [section] + topics.values {
            guard let fields = section["fields"], case .mapping(let entries) = fields.node.content else { continue }
            for entry in entries where !used.contains(entry.key) {
                section.findings.warning(
                    .unknownName, at: entry.keyPlace, "\(fields.path).\(entry.key)",
                    "no policy's `command.fields` asks for `\(entry.key)`")
            }
        }
    }

    private static func shape(_ format: EventShape.Format) -> EventShape {
        var shape = EventShape.default
        shape.format = format
        switch format {
        case .cloudEvents: break
        case .json:
            shape.places = [:]
            shape.required = []
        }
        return shape
    }

    private func check(_ mapping: EventMapping, _ section: Section) {
        func missing(_ key: String, _ what: String) {
            section.findings.mistake(
                .missing, at: section.place, "\(section.value.path).\(key)", "`\(key)` is missing: \(what)")
        }
        // What was named and is no place has been reported.
        func has(_ field: MappedField) -> Bool {
            mapping.shape.places[field.field] != nil || section[field.rawValue] != nil
        }
        if !has(.type) {
            missing("type", "say where an event's type lies, as in `type: /eventType`, or `{value: checkout.started}`")
        }
        switch identity {
        case .prospect:
            if !has(.prospect), !has(.email) {
                missing("prospect", "say where the prospect's id lies, as in `prospect: /customer/id`, or the `email`")
            }
        case .email:
            if !has(.email) { missing("email", "with `identity: email` every event must have the address") }
        }
        checkNames(mapping, section)
    }

    private func checkNames(_ mapping: EventMapping, _ section: Section) {
        var types: [String: EventType] = [:]
        let place = section["types"]?.place ?? section.place
        for (name, type) in mapping.names {
            if let other = types[name] {
                section.findings.mistake(
                    .duplicate, at: place, "\(section.value.path).types",
                    "`\(name)` would be both `\(other.name)` and `\(type.name)`: a name stands for one type")
            }
            types[name] = type
        }
        if types.count > Limits.typeNames {
            section.findings.mistake(
                .tooMany, at: place, "\(section.value.path).types",
                "there are \(types.count) names of types: at most \(Limits.typeNames) are allowed")
        }
    }

    private func typeNames(_ value: Value) -> [EventType: [String]] {
        guard case .mapping(let entries) = value.node.content else {
            value.mistake(
                .invalidValue,
                "`types` must be a mapping such as `checkout.started: cart_filled`, not \(value.node.kind)")
            return [:]
        }
        var names: [EventType: [String]] = [:]
        let known = EventType.allCases.map(\.name)
        for entry in entries {
            let path = "\(value.path).\(entry.key)"
            guard let type = EventType.allCases.first(where: { $0.name == entry.key }) else {
                value.findings.mistake(
                    .unknownName, at: entry.keyPlace, path,
                    "unknown event type `\(entry.key)`: the left side is Winback's name, the right side yours; "
                        + "known are \(known.map { "`\($0)`" }.joined(separator: ", "))",
                    suggestion: Spelling.suggestion(for: entry.key, among: known))
                continue
            }
            let own = Value(node: entry.value, path: path, findings: value.findings)
            names[type] = own.uniqueTexts(maximum: Limits.typeNames) {
                $0.text("the name of a type", maximumBytes: Limits.textBytes)
            }
        }
        return names
    }

    private func fields(_ value: Value, _ reader: EventPlaceReader) -> [String: [EventShape.Place]] {
        guard case .mapping(let entries) = value.node.content else {
            value.mistake(
                .invalidValue,
                "`fields` must be a mapping such as `/data/product/name: /item/title`, not \(value.node.kind)")
            return [:]
        }
        var fields: [String: [EventShape.Place]] = [:]
        for entry in entries {
            let path = "\(value.path).\(entry.key)"
            guard EventShape.isPointer(entry.key), entry.key.hasPrefix("/") else {
                value.findings.mistake(
                    .invalidValue, at: entry.keyPlace, path,
                    "`\(entry.key)` is no JSON pointer: the left side is what a policy's `command.fields` says, "
                        + "such as `/data/product/name`")
                continue
            }
            let own = Value(node: entry.value, path: path, findings: value.findings)
            fields[entry.key] = reader.places(own, of: nil)
        }
        return fields
    }
}

/// The fields of an event, as `events:` calls them.
enum MappedField: String, CaseIterable {
    case type, id, source, time, tenant, prospect, email, product, subject, about, consent, traceparent

    var field: EventField {
        switch self {
        case .type: .type
        case .id: .id
        case .source: .source
        case .time: .time
        case .tenant: .tenant
        case .prospect: .prospectID
        case .email: .email
        case .product: .product
        case .subject: .subject
        case .about: .aboutSubject
        case .consent: .consent
        case .traceparent: .traceparent
        }
    }

    /// Whether it makes sense that it is the same in all events.
    var mayBeConstant: Bool {
        switch self {
        case .type, .source, .tenant, .product, .subject, .about, .consent: true
        case .id, .time, .prospect, .email, .traceparent: false
        }
    }
}
