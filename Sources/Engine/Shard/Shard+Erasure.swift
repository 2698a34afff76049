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
    /// Addresses are in the journal alone. The records of all prospects are read for the first erasure of a batch, and once
    /// more for all others of the batch together: however many there are, the group's coordinator does not wait for long.
    func eraseEveryone(at address: ProspectKey, _ time: Instant, into outbox: Outbox) throws {
        let event = LeadEventBuilder.Cause(
            type: .contactErasureRequested, time: time,
            record: PersonalRecord.View(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
        for prospect in try prospects(at: address) where prospect != address {
            _ = try decide(of: prospect, because: event, into: outbox) { policies, state, facts in
                policies.decideErasure(state, at: time, into: &facts)
            } cause: { writer, body in
                writer.match(prospect, to: &body)
            }
            try sealIfLarge()
        }
    }

    private func prospects(at address: ProspectKey) throws -> [ProspectKey] {
        erasedInBatch += 1
        if erasedInBatch > 1, addressIndex == nil { addressIndex = try makeAddressIndex() }
        guard let addressIndex else { return try searched(for: address) }
        var state = ProspectState()
        return try addressIndex.prospects(with: address).filter { prospect in
            fold.prospects.load(prospect, into: &state) != nil ? try knows(state, address) : false
        }
    }

    private func searched(for address: ProspectKey) throws -> [ProspectKey] {
        var found = Set<ProspectKey>()
        try forEachRecord { prospect, record in
            forEachName(record) { if $0 == address { found.insert(prospect) } }
        }
        return found.sorted()
    }

    private func makeAddressIndex() throws -> AddressIndex {
        var index = AddressIndex()
        try forEachRecord { prospect, record in forEachName(record) { index.add($0, of: prospect) } }
        index.sort()
        return index
    }

    /// The records of all prospects, in the order in which the journal has them: what is not in memory comes from the disk in
    /// one go.
    private func forEachRecord(_ body: (ProspectKey, PersonalRecord.View) -> Void) throws {
        var places: ContiguousArray<(record: RecordPosition, prospect: ProspectKey)> = []
        fold.visitProspects { key, state in
            forEachRecord(of: state) { places.append(($0, key)) }
        }
        places.sort { $0.record < $1.record }
        for (record, prospect) in places { try read(record) { body(prospect, $0) } }
    }

    /// An address that an event brings while the index is in use.
    func index(_ record: PersonalRecord.View, of prospect: ProspectKey) {
        forEachName(record) { addressIndex?.add($0, of: prospect) }
    }

    /// What was found out for the erasures of a batch goes with it.
    func endBatch() {
        addressIndex = nil
        erasedInBatch = 0
    }

    /// Whether any record that the prospect's state refers to has the address.
    private func knows(_ state: ProspectState, _ address: ProspectKey) throws -> Bool {
        var isFound = false
        try forEachRecord(of: state) { record in
            try read(record) { view in forEachName(view) { if $0 == address { isFound = true } } }
        }
        return isFound
    }

    /// Mostly all of them are one, which comes once.
    private func forEachRecord(of state: ProspectState, _ body: (RecordPosition) throws -> Void) rethrows {
        var last = state.contact.record
        if last != .none { try body(last) }
        for journey in state.journeys {
            for record in [journey.details.record, journey.opening] where record != last && record != .none {
                last = record
                try body(record)
            }
        }
    }

    /// Passes over what has been destroyed.
    private func read(_ record: RecordPosition, _ body: (PersonalRecord.View) -> Void) throws {
        try journal.withPersonalIfKept(at: record) { body(PersonalRecord.View(bytes: $0)) }
    }

    /// By which whoever knows the address finds the person again; `nil` without one.
    func addressHash(of record: PersonalRecord.View) -> UInt64? {
        var found: UInt64?
        record.withAddress { found = hash.addressHash($0) }
        return found
    }

    private func forEachName(_ record: PersonalRecord.View, _ body: (ProspectKey) -> Void) {
        hash.forEachName(of: record, body)
    }
}

extension KeyedHash {
    /// The hashes under which an erasure may name a record's address: with the record's tenant, and for every tenant.
    func forEachName(of record: PersonalRecord.View, _ body: (ProspectKey) -> Void) {
        record.withAddress { address in
            let tenant = record.item(.tenant)
            body(prospectKey(.email, tenant: tenant, address))
            if !tenant.isEmpty {
                body(prospectKey(.email, tenant: UnsafeRawBufferPointer(start: nil, count: 0), address))
            }
        }
    }
}

extension PersonalRecord.View {
    /// Hands out the record's address in lower case, if it has one: records only have what was found to be an address.
    func withAddress(_ body: (UnsafeRawBufferPointer) -> Void) {
        let email = item(.email)
        guard !email.isEmpty else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: EventBounds.email) { normalised in
            guard let start = normalised.baseAddress, email.count <= normalised.count else { return }
            EmailAddress.copyLowercase(email, to: start)
            body(UnsafeRawBufferPointer(start: start, count: email.count))
        }
    }
}
