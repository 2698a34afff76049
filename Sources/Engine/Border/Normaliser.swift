import Contract
import Journey

/// From a decoded event to what the fold works on: an `Input` without a name in it, and the personal record beside it.
///
/// One per worker; the record is built in storage that is reused from event to event.
struct Normaliser {
    struct Settings {
        var identity: EventShape.Identity
        /// Whether the message's key must be the prospect's identity. On a single partition any key will do.
        var requiresIdentityKey: Bool
        /// Whether a policy is for some tenants only; otherwise no decision reads an input's tenant.
        var usesTenants: Bool
    }

    private(set) var record = PersonalRecord.Writer()
    private(set) var hash: KeyedHash
    private let settings: Settings
    /// Events whose key is not their identity and that were folded all the same, because they end or suppress.
    private(set) var foreignKeys: UInt64 = 0

    init(key: [UInt8], settings: Settings) {
        hash = KeyedHash(key: key)
        self.settings = settings
    }

    /// What came with the event besides its content.
    struct Message {
        var topic: UInt8
        var offset: Int64
        var key: UnsafeRawBufferPointer?
        var timestamp: Instant
    }

    /// - Parameters:
    ///   - fields: the decoder's further fields with the shard's number of each, by ascending number.
    ///   - foldsAnywhere: types that are folded whatever their key: they keep reminders from being sent.
    mutating func normalise(
        _ event: EventDecoder, _ type: EventType, _ message: Message, fields: ContiguousArray<FieldSlot>,
        foldsAnywhere: EventTypeSet
    ) -> Result<Input, Refusal> {
        let usesEmail = settings.identity == .email || event.prospectID.isEmpty
        let identity = usesEmail ? event.normalisedEmail : event.prospectID
        if identity.isEmpty || (usesEmail && event.address != .usable) {
            return .failure(Refusal(.missingIdentity, field: usesEmail ? .email : .prospectID))
        }
        if settings.requiresIdentityKey, let refusal = checkKey(message.key, event, identity) {
            guard foldsAnywhere.contains(type) else { return .failure(refusal) }
            foreignKeys += 1
        }
        let prospect = hash.prospectKey(usesEmail ? .email : .prospect, tenant: event.tenant, identity)
        let time = min(Instant(milliseconds: event.timeMilliseconds), message.timestamp)
        writeRecord(event, type, time, message.key, fields)
        let details: Details =
            record.hasDetails
            ? Details(record: .pending, hash: hash.detailsHash(record.details), fields: record.fields)
            : Details(record: .pending, hash: 0, fields: 0)
        let input = Input(
            type: type, prospect: prospect, time: time, topic: message.topic, offset: message.offset,
            tenant: settings.usesTenants ? hash.scopeKey(.tenant, event.tenant) : .none,
            product: hash.scopeKey(.product, event.product),
            subject: hash.scopeKey(.subject, subject(event, type)), consent: consent(event), address: address(event),
            details: details)
        return .success(input)
    }

    /// The seed of the journeys that the event opens; costs a SHA-256, so it is asked for only then.
    func seed(_ event: EventDecoder, _ input: Input) -> JourneyID {
        if event.id.isEmpty { return PublicDigest.seed(input.prospect, input.time) }
        return PublicDigest.seed(tenant: event.tenant, source: event.source, id: event.id)
    }

    /// An opening is about its own subject; every other event says in its data which lead, offer or cart it is about.
    private func subject(_ event: EventDecoder, _ type: EventType) -> UnsafeRawBufferPointer {
        switch type {
        case .salesLeadCreated, .offerCreated, .checkoutStarted: event.subject
        case .checkoutUpdated: event.aboutSubject.isEmpty ? event.subject : event.aboutSubject
        case .policyIssued, .checkoutCompleted, .paymentPending, .paymentFailed, .leadCancelled, .contactOptedOut,
            .contactOptedIn, .contactErasureRequested:
            event.aboutSubject
        }
    }

    private func consent(_ event: EventDecoder) -> Journey.Consent {
        switch event.consent {
        case .unknown: .unknown
        case .given: .given
        case .withheld: .withheld
        }
    }

    private func address(_ event: EventDecoder) -> Journey.Address {
        switch event.address {
        case .missing: .missing
        case .usable: .usable
        case .unusable: .unusable
        }
    }

    /// The key is the identity alone, or `tenant:identity`.
    private func checkKey(
        _ key: UnsafeRawBufferPointer?, _ event: EventDecoder, _ identity: UnsafeRawBufferPointer
    ) -> Refusal? {
        guard let key, !key.isEmpty else { return Refusal(.missingKey, field: .key) }
        if key.elementsEqual(identity) || key.elementsEqual(event.email) { return nil }
        let tenant = event.tenant
        if key.count == tenant.count + 1 + identity.count, key.starts(with: tenant),
            key[tenant.count] == UInt8(ascii: ":"),
            key.suffix(identity.count).elementsEqual(identity)
        {
            return nil
        }
        return Refusal(.foreignKey, field: .key)
    }

    private mutating func writeRecord(
        _ event: EventDecoder, _ type: EventType, _ time: Instant, _ key: UnsafeRawBufferPointer?,
        _ fields: ContiguousArray<FieldSlot>
    ) {
        record.reset()
        record.append(.source, event.source)
        record.append(.id, event.id)
        record.append(type: type)
        record.append(time: time)
        record.append(.traceparent, event.traceparent)
        if let key { record.append(.key, key) }
        record.beginDetails()
        record.append(.tenant, event.tenant)
        record.append(.prospectID, event.prospectID)
        if event.address == .usable { record.append(.email, event.email) }
        record.append(.product, event.product)
        record.append(.subject, event.subject)
        for field in fields {
            let value = event.field(field.slot)
            guard value.isPresent else { continue }
            let kind: PersonalRecord.FieldKind = value.kind == .string ? .string : .scalar
            record.append(field: field.number, kind, value.bytes)
        }
    }
}

/// A further field: its place in the decoder's shape, and the shard's number of it.
struct FieldSlot {
    var slot: Int
    var number: Int
}

extension RecordPosition {
    /// Stands for a record that has no place in the journal yet: it gets one only if a fact refers to it.
    static var pending: RecordPosition { RecordPosition(rawValue: .max) }
}
