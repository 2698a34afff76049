import Contract
import Journal
import Journey

/// Makes lead events out of what an event or a timer has changed: for `topics.leads`.
///
/// They follow from facts, which are committed in the same transaction, so each is published once whatever is decided
/// anew. Their bytes follow from the same, from the records that the journal holds, and from the event in hand.
struct LeadEventBuilder {
    private let encoder = LeadEventEncoder()
    private let source: StableText
    private let contentType = (name: StableText("content-type"), value: StableText(CommandEncoder.contentType))
    private var texts = PolicyTextTable()
    private var fields: ContiguousArray<LeadEvent.Field> = []
    private var removedTags: ContiguousArray<LeadEvent.Text> = []
    private var changes: ContiguousArray<LeadChange> = []
    private let records = JourneyRecords()
    private let digest: PublicDigest

    init(source: String, digest: PublicDigest) {
        self.source = StableText(source)
        self.digest = digest
    }

    /// What was decided of a prospect, and what it was decided from.
    struct Decision {
        var prospect: ProspectKey
        var before: ProspectState
        var facts: Facts
        var after: ProspectState
        /// The event; `nil` for a timer.
        var cause: Cause?
    }

    struct Cause {
        var type: EventType
        var time: Instant
        /// Has the event's source and id, whatever its type.
        var record: PersonalRecord.View

        var event: LeadEvent.Event {
            LeadEvent.Event(
                type: type.nameBytes, source: record.item(.source), id: record.item(.id), time: time.milliseconds)
        }
    }

    mutating func publish(
        _ decision: Decision, _ policies: PolicySet, keys: PolicyKeyTable, journal: ShardJournal,
        into outbox: Outbox
    ) throws {
        changes.removeAll(keepingCapacity: true)
        policies.leadChanges(
            from: decision.before, decision.facts, to: decision.after,
            isNewAddress: try isNewAddress(decision, journal), into: &changes)
        for change in changes { try publish(change, decision, policies, keys, journal, into: outbox) }
    }

    /// Whether the address is another one now; where it lies alone may have changed.
    private func isNewAddress(_ decision: Decision, _ journal: ShardJournal) throws -> Bool {
        let (old, new) = (decision.before.contact.record, decision.after.contact.record)
        guard new != .none, new != old else { return false }
        guard old != .none else { return true }
        let address = try journal.withPersonalIfKept(at: old) { Array(PersonalRecord.View(bytes: $0).item(.email)) }
        return try journal.withPersonalIfKept(at: new) {
            !PersonalRecord.View(bytes: $0).item(.email).elementsEqual(address)
        }
    }

    private mutating func publish(
        _ change: LeadChange, _ decision: Decision, _ policies: PolicySet, _ keys: PolicyKeyTable,
        _ journal: ShardJournal, into outbox: Outbox
    ) throws {
        // What ends may have lost its data by its end.
        let state = change.kind.isPresence ? decision.after : decision.before
        guard let journey = state.journeys.first(where: { $0.reference == change.journey }) else { return }
        let version = policies[journey.policy]
        let texts = texts[version, keys]
        if case .moved(let version) = change.kind {
            collectRemovedTags(self.texts[policies[version], keys], decision.after, policies, keys)
        } else if !change.kind.isPresence {
            collectRemovedTags(texts, decision.after, policies, keys)
        }
        let cause = decision.cause ?? rememberedCause(of: change, decision, policies)
        let records = records
        try records.withViews(of: journey, contact: state.contact.record, in: journal, mayBeDestroyed: true) { views in
            let message = Message(
                change: change, journey: journey, texts: texts, views: views,
                time: time(of: change.kind, journey, version, cause), cause: cause,
                activatedAt: version.activatedAt, allowsContact: state.allowsContact(version.policy),
                consent: EventDecoder.Consent(rawValue: state.consent.rawValue) ?? .unknown)
            append(message, decision, into: outbox)
        }
    }

    /// The tags of a lead that ends, but for those that another of the prospect's leads still bears.
    private mutating func collectRemovedTags(
        _ texts: PolicyTexts, _ after: ProspectState, _ policies: PolicySet, _ keys: PolicyKeyTable
    ) {
        removedTags.removeAll(keepingCapacity: true)
        removedTags.append(contentsOf: texts.tags)
        for journey in after.journeys where journey.status.bearsTags {
            let others = self.texts[policies[journey.policy], keys].tags
            removedTags.removeAll { tag in others.contains { $0.elementsEqual(tag) } }
        }
    }

    /// The time of the event that did it; what time alone does is done when it was due, whenever it is decided.
    private func time(
        of kind: LeadChange.Kind, _ journey: JourneyState, _ version: PolicyVersion, _ cause: Cause?
    ) -> Instant {
        if case .created = kind { return journey.openedAt }
        if case .moved = kind { return version.activatedAt }
        return cause?.time ?? journey.openedAt + version.policy.retention
    }

    private struct Message {
        var change: LeadChange
        var journey: JourneyState
        var texts: PolicyTexts
        var views: JourneyRecords.Views
        var time: Instant
        var cause: Cause?
        var activatedAt: Instant
        var allowsContact: Bool
        var consent: EventDecoder.Consent
    }

    private mutating func append(_ message: Message, _ decision: Decision, into outbox: Outbox) {
        let (texts, opening) = (message.texts, message.views.opening)
        let isErasure = message.change.kind == .erased
        let journey = texts.id(of: message.journey.reference, openedBy: opening, decision.prospect, digest)
        let prospectID = opening.item(.prospectID)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        // Whoever has no id is known by the address alone.
        let identity = prospectID.isEmpty ? opening.item(.email) : prospectID
        let showsEmail = message.allowsContact && !isErasure
        let known = message.views.contact.item(.email)
        let email = prospectID.isEmpty ? (showsEmail && !known.isEmpty ? known : identity) : showsEmail ? known : none
        let key = opening.item(.key)
        texts.collectFields(message.views.details, into: &fields)
        let isPresence = message.change.kind.isPresence
        let kind = kind(of: message, decision)
        let takesTags = if case .moved = message.change.kind { true } else { !isPresence }
        fields.withUnsafeBufferPointer { fields in
            texts.tags.withUnsafeBufferPointer { tags in
                removedTags.withUnsafeBufferPointer { removedTags in
                    let nothing = UnsafeBufferPointer<LeadEvent.Text>(start: nil, count: 0)
                    let bytes = encoder.encode(
                        LeadEvent(
                            kind: kind, journey: (journey.high, journey.low), source: source.bytes, subject: identity,
                            time: message.time.milliseconds,
                            traceparent: isErasure ? none : opening.item(.traceparent), tenant: opening.item(.tenant),
                            prospectID: prospectID, email: email, policyName: texts.name.bytes,
                            policyVersion: texts.version, consent: message.consent, product: opening.item(.product),
                            about: opening.item(.subject), campaign: texts.campaign.bytes,
                            addedTags: isPresence ? tags : nothing, removedTags: takesTags ? removedTags : nothing,
                            fields: fields, openedBy: opening.event))
                    outbox.append(
                        .leads, timestamp: message.time.milliseconds, key: key.isEmpty ? identity : key, value: bytes,
                        headers: [(contentType.name.bytes, contentType.value.bytes)])
                }
            }
        }
    }

    /// A conversion that was known before the journey came to list it: what is remembered of it is type and time.
    private func rememberedCause(of change: LeadChange, _ decision: Decision, _ policies: PolicySet) -> Cause? {
        for fact in decision.facts {
            guard case .converted(change.journey, let at, _) = fact,
                let journey = decision.after.journeys.first(where: { $0.reference == change.journey })
            else { continue }
            let types = policies[journey.policy].policy.convertsOn
            let memory = decision.before.memories.first { $0.time == at && types.contains($0.type) }
            return memory.map {
                Cause(
                    type: $0.type, time: $0.time,
                    record: PersonalRecord.View(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
            }
        }
        return nil
    }

    private static let applied = StableText("policies.applied")

    private func kind(of message: Message, _ decision: Decision) -> LeadEvent.Kind {
        let kind = message.change.kind
        if case .moved = kind {
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            return .refreshed(
                by: LeadEvent.Event(
                    type: Self.applied.bytes, source: none, id: none, time: message.activatedAt.milliseconds),
                seed: UInt64(message.texts.version))
        }
        guard let cause = message.cause else {
            precondition(kind == .expired, "time alone does nothing else to a lead")
            return .expired
        }
        switch kind {
        case .created: return .created
        case .refreshed:
            return .refreshed(by: cause.event, seed: digest.seed(of: cause.record, decision.prospect).high)
        case .superseded(let by):
            return .superseded(by: cause.event, journey: (by.high, by.low))
        case .converted(let afterStep): return .converted(by: cause.event, afterStep: Int(afterStep))
        case .cancelled: return .cancelled(by: cause.event)
        case .optedOut: return .optedOut(by: cause.event)
        case .expired: return .expired
        case .erased: return .erased
        case .moved: preconditionFailure("it was answered above")
        }
    }
}
