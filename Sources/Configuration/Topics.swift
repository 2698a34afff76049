/// The topics that Winback reads and writes.
public struct Topics: Hashable, Sendable {
    /// With equal partition counts; an input's topic number is a place in this list.
    public var events: [String]
    public var reminders: String
    public var deadLetters: String
    /// Where what happens to leads is published; `nil`: nowhere.
    public var leads: String?
    public var key: Key
    public var partitioner = Partitioner.auto

    /// What is written in transactions.
    public var written: [String] { [reminders, deadLetters] + (leads.map { [$0] } ?? []) }

    /// What the key of an event must be.
    public enum Key: String, CaseIterable, Hashable, Sendable {
        /// The prospect's id or address, alone or as `tenant:id`.
        case identity
        /// Whatever keeps the events of a prospect in one partition.
        case any
    }

    /// How services choose the partition of a key.
    public enum Partitioner: String, CaseIterable, Hashable, Sendable {
        /// It is learned from the events; a mix is reported.
        case auto
        /// As Java's clients do. What lies elsewhere is a dead letter.
        case murmur2
        /// As librdkafka's clients do by default. What lies elsewhere is a dead letter.
        case crc32
        /// Nothing is checked.
        case any
    }

    public init(
        events: [String] = ["checkout-events"], reminders: String = "send-reminder", deadLetters: String? = nil,
        leads: String? = nil, key: Key = .identity
    ) {
        self.events = events
        self.reminders = reminders
        self.deadLetters = deadLetters ?? "\(events.first ?? "checkout-events").dead-letters"
        self.leads = leads
        self.key = key
    }
}

extension Topics {
    static func read(_ section: Section?) -> Topics {
        guard let section else { return Topics() }
        let events = section["events"]
        let names = events?.uniqueTexts(maximum: Limits.eventTopics) { topic($0) }
        if let events, let names, names.isEmpty, case .sequence(let items) = events.node.content, items.isEmpty {
            events.mistake(.missing, "`events` is empty: name at least one topic")
        }
        let reminders = section["reminders"]
        let deadLetters = section["deadLetters"]
        var topics = Topics(
            events: names.flatMap { $0.isEmpty ? nil : $0 } ?? ["checkout-events"],
            reminders: reminders.flatMap { topic($0) } ?? "send-reminder",
            deadLetters: deadLetters.flatMap { topic($0) })
        if let key = section["key"]?.choice(of: Key.self) { topics.key = key }
        if let partitioner = section["partitioner"]?.choice(of: Partitioner.self) { topics.partitioner = partitioner }
        if deadLetters == nil, topics.deadLetters.utf8.count > Limits.topicBytes {
            section.findings.mistake(
                .missing, at: section.place, "topics.deadLetters",
                "`deadLetters` is missing: the name of the events' topic is too long to make one from it")
        }
        topics.checkThatTheyDiffer(section, reminders: reminders, deadLetters: deadLetters)
        if let leads = section["leads"] {
            topics.leads = topic(leads)
            topics.checkLeads(leads)
        }
        return topics
    }

    private func checkThatTheyDiffer(_ section: Section, reminders: Value?, deadLetters: Value?) {
        if events.contains(self.reminders) {
            section.findings.mistake(
                .conflict, at: (reminders ?? section["events"])?.place ?? section.place, "topics.reminders",
                "reminders cannot go to `\(self.reminders)`, which events are read from: use a topic of their own")
        }
        if events.contains(self.deadLetters) {
            section.findings.mistake(
                .conflict, at: (deadLetters ?? section["events"])?.place ?? section.place, "topics.deadLetters",
                "dead letters cannot go to `\(self.deadLetters)`, which events are read from: use a topic of their own")
        }
        if self.reminders == self.deadLetters {
            section.findings.mistake(
                .conflict, at: (deadLetters ?? reminders)?.place ?? section.place, "topics.deadLetters",
                "dead letters cannot go to `\(self.deadLetters)`, where mail workers expect reminders")
        }
    }

    private func checkLeads(_ value: Value) {
        guard let leads else { return }
        if events.contains(leads) {
            value.mistake(
                .conflict,
                "what happens to leads cannot go to `\(leads)`, which events are read from: use a topic of its own")
        } else if leads == reminders || leads == deadLetters {
            value.mistake(
                .conflict,
                "what happens to leads cannot go to `\(leads)`, where \(leads == reminders ? "reminders" : "dead letters") "
                    + "are expected: use a topic of its own")
        }
    }

    /// A legal topic name: 1 to 249 letters, digits, `.`, `_` and `-`, but neither `.` nor `..`.
    private static func topic(_ value: Value) -> String? {
        guard let name = value.identifier("the name of a topic", maximumBytes: Limits.topicBytes) else { return nil }
        guard name != ".", name != ".." else {
            value.mistake(.invalidValue, "a topic cannot be named `\(name)`")
            return nil
        }
        guard !["__consumer_offsets", "__transaction_state"].contains(name) else {
            value.mistake(.invalidValue, "`\(name)` is Kafka's own topic: use another")
            return nil
        }
        return name
    }
}
