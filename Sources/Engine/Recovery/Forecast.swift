import Journey

/// What a shard's next tick would decide if no event came before it.
struct Forecast {
    /// Journeys from which a reminder may still come.
    var waiting = 0
    var reminders = 0
    /// Due reminders that are skipped, by reason.
    var skipped: [SkipReason: Int] = [:]
    /// Leads that leave the table because of their age.
    var expired = 0
    /// When the newest journey opened from which a reminder may still come.
    var newestOpening = Instant.distantPast

    mutating func add(_ fold: ShardFold, at clock: Instant) {
        waiting += fold.activeJourneys
        let policies = fold.policies
        var facts = Facts()
        fold.visitProspects { _, state in
            for journey in state.journeys where journey.status.isActive {
                newestOpening = max(newestOpening, journey.openedAt)
            }
            guard let next = policies.nextAction(state), next <= clock else { return }
            facts.clear()
            policies.forEachDue(state, at: clock) { _, journey in
                policies.decideDue(state, journey, at: clock, into: &facts)
            }
            for fact in facts {
                switch fact {
                case .reminderRequested: reminders += 1
                case .reminderSkipped(_, _, _, let reason): skipped[reason, default: 0] += 1
                case .expired: expired += 1
                default: continue
                }
            }
        }
    }
}
