import Journal
import Journey
import Records

extension JournalReplay {
    /// The prospect in hand: what is decided of it now, and what the journal says.
    struct Work {
        var cause = Cause.none
        var state = ProspectState()
        var place: BlobReference?
        var expected = Facts()
        var actual = Facts()
        var digests: ContiguousArray<CommandDigest> = []

        /// Nothing is in hand, and the journal has said nothing yet of what comes next.
        mutating func clear() {
            cause = .none
            actual.clear()
            digests.clear()
        }
    }

    enum Cause {
        case none
        case input(Input)
        case timer(ProspectKey)
        /// A timer before an event that a rebuilt journal reads once more.
        case backlog(ProspectKey)
        case migration(ProspectKey)
        case match(ProspectKey)
    }

    /// Compares what was decided with what the journal says, and goes on from the latter.
    ///
    /// - Parameter next: the record that ends it.
    func close(_ work: inout Work, before next: UnsafePointer<Record>? = nil) throws {
        let prospect: ProspectKey
        switch work.cause {
        case .none: return work.clear()
        case .input(let input):
            prospect = input.prospect
            if !Self.areSame(work.actual, work.expected),
                !CompletedDetails(input, work.state).explain(work.actual, instead: work.expected)
            {
                report("of the event at \(place(input)) \(otherwise(work))")
            }
            if input.type == .contactErasureRequested { erasedAt = input.time }
        case .timer(let key):
            prospect = key
            if !Self.areSame(work.actual, work.expected) {
                report("of a timer at \(fold.clock.text) \(otherwise(work))")
            }
            try compareCommands(key, work)
        case .backlog(let key):
            prospect = key
            guard case .input(let input)? = next?.pointee, input.prospect == key else {
                report("a timer was decided outside of a tick")
                break
            }
            fold.policies.decideBacklog(work.state, at: input.time, into: &work.expected)
            if !Self.areSame(work.actual, work.expected) {
                report("of what lay before the event at \(place(input)) \(otherwise(work))")
            }
        case .migration(let key), .match(let key):
            prospect = key
            if !Self.areSame(work.actual, work.expected) { report("of a prospect \(otherwise(work))") }
        }
        evolve(prospect, &work)
        work.clear()
    }

    private static func areSame(_ journalled: Facts, _ decided: Facts) -> Bool {
        guard journalled.count == decided.count else { return false }
        for index in journalled.indices where journalled[index] != decided[index] { return false }
        return true
    }

    private func evolve(_ prospect: ProspectKey, _ work: inout Work) {
        // Taken out once: a class's property is retained and released by each call that reads it.
        let fold = fold
        let policies = fold.policies
        var isChanged = false
        for index in work.actual.indices {
            let fact = work.actual[index]
            guard fact.changesState else { continue }
            policies.evolve(&work.state, fact)
            if case .addressErased(let at) = fact { fold.erasedAddresses.erase(prospect, at: at) }
            isChanged = true
        }
        guard isChanged else { return }
        fold.prospects.store(prospect, work.state, at: work.place, nextAction: policies.nextAction(work.state))
    }

    // MARK: Commands

    /// Makes the commands of the requested reminders once more, from the state before them, as they were made.
    private func compareCommands(_ prospect: ProspectKey, _ work: borrowing Work) throws {
        var index = 0
        for fact in work.actual {
            if case .reminderFound(let reference, let step, _, let emitted) = fact {
                tally.foundCommands += 1
                try visit(
                    Command(
                        journey: reference, step: Int(step) + 1, emitted: emitted, position: position, isFound: true))
            }
            guard case .reminderRequested(let reference, let step, let due, let emitted) = fact,
                let journey = work.state.journeys.first(where: { $0.reference == reference })
            else { continue }
            let digest = index < work.digests.count ? work.digests[index] : nil
            index += 1
            let request = CommandBuilder.Request(
                prospect: prospect, journey: journey, contact: work.state.contact.record, step: Int(step), due: due,
                emitted: emitted)
            try compare(request, digest)
        }
    }

    private func compare(_ request: CommandBuilder.Request, _ digest: CommandDigest?) throws {
        var command = Command(
            journey: request.journey.reference, step: request.step + 1, emitted: request.emitted, position: position,
            journalled: digest)
        outbox.removeAll()
        do {
            try commands.build(
                request, fold.policies[request.journey.policy], keys: fold.keys, journal: records, into: outbox)
        } catch let error as JournalError where error.code == .destroyed {
            tally.destroyedCommands += 1
            return try visit(command)
        }
        try outbox.withLast { key, value in
            (command.key, command.value) = (key, value)
            switch digest {
            case nil: tally.undigestedCommands += 1
            case hash.commandDigest(key: key, value: value): tally.sameCommands += 1
            case .some:
                report("step \(command.step) of a journey, emitted at \(request.emitted.text), was published otherwise")
            }
            try visit(command)
        }
    }

    private func otherwise(_ work: borrowing Work) -> String {
        func list(_ facts: Facts) -> String { facts.isEmpty ? "nothing" : facts.map(words).joined(separator: ", ") }
        return "the journal says \(list(work.actual)), and decided is \(list(work.expected))"
    }
}
