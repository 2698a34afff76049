import Contract
import Journal
import Journey

/// Erasures that name an address and no id: of everyone in the shard whose address it is or was.
extension Shard {
    /// Until when the address that the event brings is erased; `distantPast`: it is not.
    func erasedUntil(_ record: PersonalRecord.View) -> Instant {
        var erasedAt = Instant.distantPast
        forEachName(record) { erasedAt = max(erasedAt, fold.erasedAddresses.time(of: $0)) }
        return erasedAt
    }

    /// Erases every prospect that the address is known of, in an order that does not depend on where the table has them.
    ///
    /// Addresses are in the journal alone, so the records of all prospects are read: some two microseconds each.
    func eraseEveryone(at address: ProspectKey, _ time: Instant, into outbox: inout Outbox) throws {
        let event = LeadEventBuilder.Cause(
            type: .contactErasureRequested, time: time,
            record: PersonalRecord.View(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
        for prospect in try prospects(at: address) where prospect != address {
            _ = try decide(of: prospect, because: event, into: &outbox) { policies, state, facts in
                policies.decideErasure(state, at: time, into: &facts)
            } cause: { writer, body in
                writer.match(prospect, to: &body)
            }
            if frameBytes >= WorkerLimits.frameBytes { try seal() }
        }
    }

    private func prospects(at address: ProspectKey) throws -> [ProspectKey] {
        var found: [ProspectKey] = []
        try fold.prospects.visitAll { key, state in
            if try knows(state, address) { found.append(key) }
        }
        return found.sorted()
    }

    /// Whether any record that the prospect's state refers to has the address: mostly all of them are one.
    private func knows(_ state: ProspectState, _ address: ProspectKey) throws -> Bool {
        var last = state.contact.record
        if try holds(last, address) { return true }
        for journey in state.journeys {
            for record in [journey.details.record, journey.opening] where record != last {
                last = record
                if try holds(record, address) { return true }
            }
        }
        return false
    }

    private func holds(_ record: RecordPosition, _ address: ProspectKey) throws -> Bool {
        if record == .none { return false }
        do {
            return try journal.withPersonal(at: record.rawValue) { bytes in
                var isFound = false
                forEachName(PersonalRecord.View(bytes: bytes)) { if $0 == address { isFound = true } }
                return isFound
            }
        } catch let error as JournalError {
            guard error.code == .destroyed else { throw error }
            return false
        }
    }

    /// The hashes under which an erasure may name the record's address: with the record's tenant, and for every tenant.
    private func forEachName(_ record: PersonalRecord.View, _ body: (ProspectKey) -> Void) {
        let email = record.item(.email)
        guard !email.isEmpty else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: EventBounds.email) { normalised in
            guard let start = normalised.baseAddress, EmailAddress.lowercase(email, to: start) else { return }
            let address = UnsafeRawBufferPointer(start: start, count: email.count)
            let tenant = record.item(.tenant)
            body(hash.prospectKey(.email, tenant: tenant, address))
            if !tenant.isEmpty {
                body(hash.prospectKey(.email, tenant: UnsafeRawBufferPointer(start: nil, count: 0), address))
            }
        }
    }
}
