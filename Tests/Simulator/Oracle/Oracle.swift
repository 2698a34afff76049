import Foundation

/// What must hold of a run, written from the description of the product alone.
struct Oracle {
    let evidence: Evidence
    private(set) var violations: [String] = []
    /// How often each row of the semantics was met.
    private(set) var met: [Row: Int] = [:]
    /// What the journals say, by partition.
    private(set) var stories: [JournalStory] = []

    /// Beyond these, more of the same does not help anybody.
    private static let mostViolations = 12

    init(evidence: Evidence) { self.evidence = evidence }

    mutating func judge() {
        var expected: [Model.Reminder] = []
        var letters: [String] = []
        for partition in evidence.messages.indices { judge(partition, &expected, &letters) }
        compare(expected)
        compare(letters)
    }

    private mutating func report(_ violation: String) {
        if violations.count < Self.mostViolations { violations.append(Self.readable(violation)) }
    }

    /// Milliseconds since 1970 as people read them.
    private static func readable(_ text: String) -> String {
        text.replacing(/1[78]\d{11}/) { Happening.text(Int64($0.output) ?? 0) }
    }

    // MARK: A partition

    private mutating func judge(_ partition: Int, _ expected: inout [Model.Reminder], _ letters: inout [String]) {
        let messages = evidence.messages[partition]
        let byOffset = Dictionary(uniqueKeysWithValues: messages.map { ($0.offset, $0) })
        let story = JournalStory(
            of: "/simulated/shards/\(partition)", on: evidence.disk, names: byOffset.mapValues(\.happening.id))
        stories.append(story)
        if let damage = story.damage { report("partition \(partition): the journal does not verify: \(damage)") }
        var model = Model(partitionCount: evidence.messages.count)
        var read = 0
        // Until the first tick with a configuration that everybody is moved to.
        var isMigrating = false
        for (place, entry) in story.entries.enumerated() {
            var decided: [Model.Decision] = []
            var what = ""
            switch entry.cause {
            case .activation(let time, let text):
                guard let configuration = evidence.texts[text] else {
                    return report("partition \(partition): a configuration was activated that nobody wrote")
                }
                model.activate(configuration, at: time)
                isMigrating = configuration == evidence.migratesTo
                what = "the configuration of \(time)"
            case .migration(let offset):
                what = "a migration"
                decided = (byOffset[offset]?.happening).flatMap(model.identity).map { model.migrate($0) } ?? []
            case .tick(let clock):
                what = "the tick of \(clock)"
                if isMigrating, let left = model.unmigrated.first {
                    report("partition \(partition): \(left) was not migrated by \(what)")
                }
                if let message = messages[read...].first,
                    message.appended < clock + PlainConfiguration.latenessMilliseconds
                {
                    report(
                        "partition \(partition): \(what) was decided before offset \(message.offset) was read, which the "
                            + "broker had since \(message.appended): \(message.happening)")
                }
                isMigrating = false
                if entry.dueActions > evidence.maximumDuePerTick {
                    report("partition \(partition): \(what) has decided \(entry.dueActions) actions")
                }
                let isFull = entry.dueActions >= evidence.maximumDuePerTick
                let choice =
                    isFull
                    ? Model.Choice(
                        journeys: Set(entry.decisions.map(\.of) + entry.forgotten),
                        notes: Set(entry.lapsed.compactMap { byOffset[$0]?.happening }.compactMap(model.identity)))
                    : nil
                let tick = model.tick(clock, only: choice)
                decided = tick.decisions
                if let left = tick.overtaken {
                    report("partition \(partition): \(what) has left \(left), which was due before what it has decided")
                }
            case .message(let offset, let fate):
                guard read < messages.count, messages[read].offset == offset else {
                    let next = read < messages.count ? "\(messages[read].offset)" : "the end"
                    return report("partition \(partition): offset \(offset) was folded where \(next) was to come")
                }
                let happening = messages[read].happening
                read += 1
                what = "offset \(offset), \(happening)"
                let reading = model.read(happening)
                decided = reading.decisions
                if reading.fate != fate {
                    return report("partition \(partition): \(what) was \(fate), and had to be \(reading.fate)")
                }
                if fate == .refused { letters.append("\(partition)/\(offset)") }
                if fate == .folded && !entry.hasFact {
                    report("partition \(partition): \(what) has left no fact")
                }
            }
            guard decided.sorted() != entry.decisions.sorted() else { continue }
            let place = "partition \(partition), entry \(place), after \(what)"
            let lacking = Self.without(decided, entry.decisions)
            let surplus = Self.without(entry.decisions, decided)
            for decision in lacking { report("\(place): this had to be decided, and was not: \(decision)") }
            for decision in surplus { report("\(place): this was decided, and must not be: \(decision)") }
            return
        }
        if read < messages.count {
            report(
                "partition \(partition): \(messages.count - read) messages were never folded, the first at offset "
                    + "\(messages[read].offset): \(messages[read].happening)")
        }
        if (model.clock ?? .min) < evidence.calmSince {
            report("partition \(partition): its clock stood at \(model.clock ?? 0) until the end")
        }
        expected += model.reminders
        met.merge(model.met) { $0 + $1 }
    }

    private static func without(_ some: [Model.Decision], _ others: [Model.Decision]) -> [Model.Decision] {
        var left = Dictionary(others.map { ($0, 1) }, uniquingKeysWith: +)
        return some.filter { decision in
            guard let count = left[decision], count > 0 else { return true }
            left[decision] = count - 1
            return false
        }
    }

    /// What happened to a prospect as its journal has it, in order, for people.
    func account(of prospect: String) -> [String] {
        func isOwn(_ id: String) -> Bool { id.hasPrefix("\(prospect)-") }
        return zip(evidence.messages, stories).flatMap { messages, story in
            let byOffset = Dictionary(uniqueKeysWithValues: messages.map { ($0.offset, $0.happening) })
            return story.entries.flatMap { entry -> [String] in
                switch entry.cause {
                case .message(let offset, let fate):
                    guard let happening = byOffset[offset], isOwn(happening.id) else { return [] }
                    return ["offset \(offset), \(fate): \(happening)"] + entry.decisions.map { "    \($0)" }
                case .tick(let clock):
                    let own = entry.decisions.filter { $0.of.contains(" of \(prospect)-") }
                    return own.isEmpty ? [] : ["tick of \(clock)"] + own.map { "    \($0)" }
                case .activation(let time, _): return ["configuration of \(time)"]
                case .migration:
                    return entry.decisions.filter { $0.of.contains(" of \(prospect)-") }.map { "    \($0)" }
                }
            }
        }.map(Self.readable)
    }

    /// What the journals say, by journey; what a person decides, by prospect.
    var words: [String: [String]] {
        var words: [String: [String]] = [:]
        for (messages, story) in zip(evidence.messages, stories) {
            let names = Dictionary(uniqueKeysWithValues: messages.map { ($0.offset, $0.happening.id) })
            for entry in story.entries {
                for decision in entry.decisions {
                    guard decision.of == "person", case .message(let offset, _) = entry.cause else {
                        words[decision.of, default: []].append(decision.what)
                        continue
                    }
                    words[Differential.prospect(of: names[offset] ?? ""), default: []].append(decision.what)
                }
            }
        }
        return words
    }

    // MARK: What was published

    /// Every due reminder once, as it has to be.
    private mutating func compare(_ expected: [Model.Reminder]) {
        func step(_ reminder: Model.Reminder) -> String { "step \(reminder.step) of \(reminder.journey)" }
        let byID = Dictionary(grouping: evidence.published, by: \.id)
        for (id, same) in byID where same.count > 1 { report("reminder \(id) was published \(same.count) times") }
        let byStep = Dictionary(grouping: evidence.published) { step($0.reminder) }
        for (step, same) in byStep where Set(same.map(\.id)).count > 1 {
            report("\(step) was published under several ids: \(same.map(\.id).joined(separator: ", "))")
        }
        for published in evidence.published
        where published.reminder.emitted + PlainConfiguration.latenessMilliseconds > published.appended {
            report("\(step(published.reminder)) was published before its tick could be: \(published.appended)")
        }
        // Where a journal was not judged to its end, what it lacks has been said.
        guard violations.isEmpty else { return }
        var left = Dictionary(grouping: evidence.published, by: \.reminder)
        for reminder in expected where left.removeValue(forKey: reminder) == nil {
            if let other = byStep[step(reminder)]?.first {
                report("\(step(reminder)) was published as \(other.reminder), and had to be \(reminder)")
            } else {
                report("\(step(reminder)), due \(reminder.due) and sent at \(reminder.emitted), was never published")
            }
        }
        for reminder in left.keys { report("\(step(reminder)) was published, and nothing asked for it") }
    }

    private mutating func compare(_ letters: [String]) {
        guard violations.isEmpty, letters.sorted() != evidence.deadLetters.sorted() else { return }
        let (expected, found) = (Set(letters), Set(evidence.deadLetters))
        report(
            "dead letters: missing \(expected.subtracting(found).sorted()), not asked for "
                + "\(found.subtracting(expected).sorted()), twice \(evidence.deadLetters.count - found.count)")
    }
}
