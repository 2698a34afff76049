import Journey

extension Shard {
    /// So many prospects are looked up before the first of them is moved, which changes the table that they are found in.
    private static let migrationGroup = 1 << 20

    /// Moves journeys that are under way to the newest versions of their policies. Those that are there already are left
    /// alone, so that what was interrupted can be done again.
    ///
    /// - Returns: how many were moved. Call again until it is none, and commit where the outbox is full: what one
    ///   transaction tells of leads is bounded.
    func migrateSome(into outbox: Outbox) throws -> Int {
        var moved = 0
        for prospect in nextToMigrate() {
            moved += try migrate(prospect, into: outbox)
            try sealIfLarge()
            if outbox.byteCount >= WorkerLimits.outboxBytes { break }
        }
        return moved
    }

    /// In an order that does not depend on where the table has them.
    private func nextToMigrate() -> [ProspectKey] {
        let policies = fold.policies
        var group: [ProspectKey] = []
        fold.visitProspects { key, state in
            guard group.count < Self.migrationGroup, state.journeys.contains(where: { policies.moves($0) }) else {
                return
            }
            group.append(key)
        }
        return group.sorted()
    }

    private func migrate(_ prospect: ProspectKey, into outbox: Outbox) throws -> Int {
        try decide(of: prospect, into: outbox) { policies, state, facts in
            policies.decideMigration(state, into: &facts)
        } cause: { writer, body in
            writer.migration(prospect, to: &body)
        }
        .count { if case .migrated = $0 { true } else { false } }
    }
}

extension PolicySet {
    fileprivate func moves(_ journey: JourneyState) -> Bool {
        if case .moves = migration(of: journey) { true } else { false }
    }
}
