/// How a journey that is under way comes to the newest version of its policy, when an operator applies a configuration with
/// `--migrate`. Otherwise a journey keeps the version it opened with.
extension PolicySet {
    /// What the change of a policy means for one journey.
    public enum Migration: Hashable, Sendable {
        /// It is under the newest version already, or no reminder can come from it any more.
        case none
        case moves(to: PolicyIndex)
        /// It is about something that the newest version keeps no journeys by.
        case staysForScope
    }

    /// Versions that no configuration uses any more have no newer one: the journeys of a policy that was taken out stay.
    public func migration(of journey: JourneyState) -> Migration {
        guard journey.status.isActive else { return .none }
        let rules = rules(journey.policy)
        guard let newest = newestVersion(of: rules.nameKey), newest != journey.policy else { return .none }
        return self.rules(newest).scope == rules.scope ? .moves(to: newest) : .staysForScope
    }

    /// Moves every journey of the prospect that is under way to the newest version of its policy. No fact: none has to move.
    ///
    /// Steps that were decided stay decided: the next one is the one after them among the new steps. A conversion that only
    /// the new version lists, and that is known, ends the journey at once.
    public func decideMigration(_ state: ProspectState, into facts: inout Facts) {
        for journey in state.journeys {
            guard case .moves(let version) = migration(of: journey) else { continue }
            let fact = Fact.migrated(journey.reference, to: version)
            facts.append(fact)
            var moved = journey
            evolve(&moved, fact)
            guard moved.status.isListed, let known = newestConversion(of: moved, state) else { continue }
            facts.append(.converted(moved.reference, at: known.time, afterStep: moved.nextStep))
        }
    }

    private func newestConversion(of journey: JourneyState, _ state: ProspectState) -> Memory? {
        let rules = rules(journey.policy)
        return state.memories.filter { memory in
            rules.convertsOn.contains(memory.type)
                && rules.covers(journey, product: memory.product, subject: memory.subject)
                && journey.openedAt <= memory.time + settings.conversionSkew
        }.max { $0.time < $1.time }
    }
}
