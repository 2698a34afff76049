import Configuration
import Contract
import Journey
import Kafka

/// From a decoded event to what the fold works on: an `Input` without a name in it, and the personal record beside it.
///
/// One thread uses one. Records are put together in its caller's storage, and lie there.
struct Normaliser {
    struct Settings {
        var identity: Configuration.Identity
        /// Whether the message's key must be the prospect's identity. On a single partition any key will do.
        var requiresIdentityKey: Bool
        /// Whether an event that lies in another partition than its key's is refused.
        var refusesStrays = false
        /// Whether a policy is for some tenants only; otherwise no decision reads an input's tenant.
        var usesTenants: Bool
        /// Whether the record names the event also where nothing else of it may be kept: for what is published of it.
        var keepsEvents = false
    }

    private let hash: KeyedHash
    private let names = NameCache()
    private let settings: Settings
    private var partitions: PartitionCheck
    private var foreignKeys: UInt64 = 0
    private var identities = (ids: UInt64(0), addresses: UInt64(0))

    /// What has been odd about events, counted.
    struct Tally {
        fileprivate var foreignKeys: UInt64
        fileprivate var strays: UInt64
        fileprivate var partitioner: String?
        fileprivate var identities: (ids: UInt64, addresses: UInt64)

        /// Adds what another normaliser has counted, to which other messages of the same topics came.
        mutating func add(_ other: Tally) {
            foreignKeys += other.foreignKeys
            strays += other.strays
            partitioner = partitioner ?? other.partitioner
            identities.ids += other.identities.ids
            identities.addresses += other.identities.addresses
        }

        var oddities: EngineStatus.Oddities {
            EngineStatus.Oddities(
                foreignKeys: foreignKeys, strays: strays, partitioner: partitioner,
                withoutID: identities.ids > 0 ? identities.addresses : 0)
        }
    }

    var tally: Tally {
        Tally(
            foreignKeys: foreignKeys, strays: partitions.strays, partitioner: partitions.partitionerName,
            identities: identities)
    }

    init(
        key: [UInt8], settings: Settings,
        partitions: PartitionCheck = PartitionCheck(partitioner: .any, partitionCount: 1)
    ) {
        hash = KeyedHash(key: key)
        self.partitions = partitions
        self.settings = settings
    }

    /// An event as a shard folds it. Its record lies in the writer that it was put together in.
    struct Event {
        var input: Input
        var record: PersonalRecord.Draft
        /// Of an erasure by address, the address's hash; else 0.
        var erasedAddress: UInt64 = 0

        /// Nothing, to be overwritten.
        static var none: Event {
            Event(
                input: Input(type: .checkoutStarted, prospect: ProspectKey(high: 0, low: 0), time: .distantPast),
                record: PersonalRecord.Draft(
                    bytes: UnsafeRawBufferPointer(start: nil, count: 0), detailsStart: 0, fields: 0,
                    hasDetails: false))
        }
    }

    /// What came with the event besides its content.
    struct Message {
        var topic: UInt8
        var offset: Int64
        var partition: Int32
        var key: UnsafeRawBufferPointer?
        var timestamp: Instant

        /// - Parameter topic: its place in the list of topics.
        init(_ batch: MessageBatch, _ index: Int, topic: Int) {
            self.topic = UInt8(truncatingIfNeeded: topic)
            offset = batch.offset(index)
            partition = batch.partition(index)
            key = batch.key(index)
            timestamp = Instant(milliseconds: batch.timestampMilliseconds(index))
        }
    }

    /// - Parameters:
    ///   - fields: the decoder's further fields with the shard's number of each, by ascending number.
    ///   - detailed: types of which anything may be kept; of others the record stays empty.
    ///   - foldsAnywhere: types that are folded whatever their key: they keep reminders from being sent.
    ///   - writer: puts the record together.
    /// - Returns: why the event is refused; `nil` when it is in `normalised`.
    mutating func normalise(
        _ event: EventDecoder, _ type: EventType, _ message: Message, fields: ContiguousArray<FieldSlot>,
        detailed: EventTypeSet, foldsAnywhere: EventTypeSet, _ writer: inout PersonalRecord.Writer,
        into normalised: inout Event
    ) -> Refusal? {
        var key = message.key
        if let count = key?.count, count > EventBounds.key {
            guard foldsAnywhere.contains(type) else {
                return .size(count: count, limit: EventBounds.key, field: .key)
            }
            key = nil
        }
        let usesEmail = settings.identity == .email || event.prospectID.isEmpty
        let identity = usesEmail ? event.normalisedEmail : event.prospectID
        if identity.isEmpty || (usesEmail && event.address != .usable) {
            return Refusal(.missingIdentity, field: usesEmail ? .email : .prospectID)
        }
        if settings.requiresIdentityKey, let refusal = checkKey(message.key, event, identity) {
            guard foldsAnywhere.contains(type) else { return refusal }
            foreignKeys += 1
        }
        // An erasure may be written to every partition, which tells nothing of producers and people.
        let isErasure = type == .contactErasureRequested
        if !isErasure, partitions.isStray(message.key, in: message.partition), settings.refusesStrays,
            !foldsAnywhere.contains(type)
        {
            return Refusal(.foreignPartition, field: .key)
        }
        if settings.identity == .prospect, !isErasure {
            if usesEmail { identities.addresses += 1 } else { identities.ids += 1 }
        }
        let prospect = hash.prospectKey(usesEmail ? .email : .prospect, tenant: event.tenant, identity)
        let time = min(Instant(milliseconds: event.timeMilliseconds), message.timestamp)
        writer.begin()
        if detailed.contains(type) {
            write(event, type, time, key, fields, to: &writer)
        } else if settings.keepsEvents {
            writer.append(.source, event.source)
            writer.append(.id, event.id)
        }
        let record = writer.finish()
        normalised.record = record
        normalised.input = Input(
            type: type, prospect: prospect, time: time, topic: message.topic, offset: message.offset,
            tenant: settings.usesTenants ? names.key(.tenant, event.tenant, hash) : .none,
            product: names.key(.product, event.product, hash),
            subject: hash.scopeKey(.subject, Self.subject(event, type)), consent: consent(event),
            address: address(event),
            details: record.hasDetails
                ? Details(record: .none, hash: hash.detailsHash(record.details), fields: record.fields) : .none)
        normalised.erasedAddress = 0
        if usesEmail && isErasure && !isWhollyKeyed(event) {
            normalised.input.addressErasedAt = time
            normalised.erasedAddress = hash.addressHash(event.normalisedEmail)
        }
        return nil
    }

    /// Whether nobody but the event's own prospect can have its address.
    private func isWhollyKeyed(_ event: EventDecoder) -> Bool { settings.identity == .email && !event.tenant.isEmpty }

    /// An opening is about its own subject; every other event says in its data which lead, offer or cart it is about.
    static func subject(_ event: EventDecoder, _ type: EventType) -> UnsafeRawBufferPointer {
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
        if key.equals(identity) || key.equals(event.email) { return nil }
        let tenant = event.tenant
        if key.count == tenant.count + 1 + identity.count, key.starts(with: tenant),
            key[tenant.count] == UInt8(ascii: ":"),
            key.suffix(identity.count).elementsEqual(identity)
        {
            return nil
        }
        return Refusal(.foreignKey, field: .key)
    }

    private func write(
        _ event: EventDecoder, _ type: EventType, _ time: Instant, _ key: UnsafeRawBufferPointer?,
        _ fields: ContiguousArray<FieldSlot>, to writer: inout PersonalRecord.Writer
    ) {
        writer.append(.source, event.source)
        writer.append(.id, event.id)
        writer.append(type: type)
        writer.append(time: time)
        writer.append(.traceparent, event.traceparent)
        // The usual key is the prospect's id, which a command's key is without one.
        if let key, !key.equals(event.prospectID) { writer.append(.key, key) }
        writer.beginDetails()
        writer.append(.tenant, event.tenant)
        writer.append(.prospectID, event.prospectID)
        if event.address == .usable { writer.append(email: event.email) }
        writer.append(.product, event.product)
        writer.append(.subject, event.subject)
        for field in fields {
            let value = event.field(field.slot)
            guard value.isPresent else { continue }
            let kind: PersonalRecord.FieldKind = value.kind == .string ? .string : .scalar
            writer.append(field: field.number, kind, value.bytes)
        }
    }
}

/// A further field: its place in the decoder's shape, and the shard's number of it.
struct FieldSlot {
    var slot: Int
    var number: Int
}
