import Contract
import Journal
import Journey

/// Makes a command out of a due step: what the policy says, and the personal records that the journal holds.
///
/// The bytes follow from the journey, its records and the policy version, so a replay makes the same ones.
struct CommandBuilder {
    private let encoder = CommandEncoder()
    private let source: StableText
    private let contentType = (name: StableText("content-type"), value: StableText(CommandEncoder.contentType))
    /// By policy index: the version's texts, made once.
    private var texts: [PolicyTexts?] = []
    private var fields: ContiguousArray<ReminderCommand.Field> = []
    private let records = Records()
    private let digest: PublicDigest

    init(source: String, digest: PublicDigest) {
        self.source = StableText(source)
        self.digest = digest
    }

    /// What a command is about.
    struct Request {
        var prospect: ProspectKey
        var journey: JourneyState
        var contact: RecordPosition
        var step: Int
        var due: Instant
        var emitted: Instant
    }

    mutating func build(
        _ request: Request, _ version: PolicyVersion, keys: PolicyKeyTable, journal: ShardJournal,
        into outbox: inout Outbox
    ) throws {
        let texts = texts(of: version, keys)
        // Mostly all three are one record, and it is read once. The journal hands out one at a time, so they are copied.
        let opening = request.journey.opening
        try read(opening, from: journal, into: \.opening)
        if request.journey.details.record != opening {
            try read(request.journey.details.record, from: journal, into: \.details)
        }
        if request.contact != opening { try read(request.contact, from: journal, into: \.contact) }
        let records = records
        records.opening.withUnsafeBytes { openingBytes in
            (request.journey.details.record == opening ? records.opening : records.details).withUnsafeBytes { details in
                (request.contact == opening ? records.opening : records.contact).withUnsafeBytes { contact in
                    append(
                        request, texts, details: PersonalRecord.View(bytes: details),
                        opening: PersonalRecord.View(bytes: openingBytes), contact: PersonalRecord.View(bytes: contact),
                        into: &outbox)
                }
            }
        }
    }

    /// The personal records that a command is made from.
    private final class Records {
        var opening: ContiguousArray<UInt8> = []
        var details: ContiguousArray<UInt8> = []
        var contact: ContiguousArray<UInt8> = []
    }

    private func read(
        _ record: RecordPosition, from journal: ShardJournal,
        into buffer: ReferenceWritableKeyPath<Records, ContiguousArray<UInt8>>
    ) throws {
        try journal.withPersonal(at: record.rawValue) { bytes in
            records[keyPath: buffer].removeAll(keepingCapacity: true)
            records[keyPath: buffer].append(contentsOf: bytes)
        }
    }

    private mutating func append(
        _ request: Request, _ texts: PolicyTexts, details: PersonalRecord.View, opening: PersonalRecord.View,
        contact: PersonalRecord.View, into outbox: inout Outbox
    ) {
        let step = texts.steps[request.step]
        collectFields(texts, details)
        let prospectID = opening.item(.prospectID)
        let email = contact.item(.email)
        let key = opening.item(.key)
        let journey = id(request, texts, opening)
        fields.withUnsafeBufferPointer { fields in
            texts.tags.withUnsafeBufferPointer { tags in
                let bytes = encoder.encode(
                    ReminderCommand(
                        journey: (journey.high, journey.low), step: request.step + 1, steps: texts.steps.count,
                        source: source.bytes, subject: prospectID.isEmpty ? email : prospectID,
                        traceparent: opening.item(.traceparent), tenant: opening.item(.tenant), prospectID: prospectID,
                        email: email, policyName: texts.name.bytes, policyVersion: texts.version,
                        template: step.template.bytes, due: request.due.milliseconds,
                        emitted: request.emitted.milliseconds, expires: (request.due + step.maxLateness).milliseconds,
                        campaign: texts.campaign.bytes, tags: tags, fields: fields, openedBy: openedBy(opening)))
                outbox.append(
                    .reminders, timestamp: request.emitted.milliseconds, key: key.isEmpty ? prospectID : key,
                    value: bytes, headers: [(contentType.name.bytes, contentType.value.bytes)])
            }
        }
    }

    private mutating func collectFields(_ texts: PolicyTexts, _ details: PersonalRecord.View) {
        fields.removeAll(keepingCapacity: true)
        for field in texts.fields {
            var value = field.text.map { ReminderCommand.Field.Value.string($0.bytes) }
            if let number = field.number, let found = details.field(number) {
                value = found.kind == .string ? .string(found.bytes) : .json(found.bytes)
            }
            if let value { fields.append(ReminderCommand.Field(name: field.name.bytes, value: value)) }
        }
    }

    /// The journey's whole id, derived again from the opening event: the state keeps its first half only.
    private func id(_ request: Request, _ texts: PolicyTexts, _ opening: PersonalRecord.View) -> JourneyID {
        let seed = digest.seed(of: opening, request.prospect)
        let id = JourneyID(high: seed.high ^ texts.identity.high, low: seed.low ^ texts.identity.low)
        precondition(id.reference == request.journey.reference, "a journey's id follows from its opening event")
        return id
    }

    private func openedBy(_ opening: PersonalRecord.View) -> ReminderCommand.Opening {
        let type = opening.item(.type).first.flatMap { EventType(rawValue: $0) }
        return ReminderCommand.Opening(
            type: type.map { Self.typeNames[$0.rawValue]!.bytes } ?? UnsafeRawBufferPointer(start: nil, count: 0),
            source: opening.item(.source), id: opening.item(.id), time: opening.time.milliseconds)
    }

    private static let typeNames: [UInt8: StableText] = Dictionary(
        uniqueKeysWithValues: EventType.allCases.map { ($0.rawValue, StableText($0.name)) })

    private mutating func texts(of version: PolicyVersion, _ keys: PolicyKeyTable) -> PolicyTexts {
        let index = Int(version.index.rawValue)
        while texts.count <= index { texts.append(nil) }
        if let known = texts[index] { return known }
        let made = PolicyTexts(version, keys)
        texts[index] = made
        return made
    }
}

/// What a policy version contributes to each of its commands, as bytes that stay where they are.
private final class PolicyTexts {
    struct Step {
        var template: StableText
        var maxLateness: Span
    }

    struct Field {
        var name: StableText
        /// The shard's number of the event's field; `nil` for a constant.
        var number: Int?
        /// The constant, or the fallback.
        var text: StableText?
    }

    let name: StableText
    let version: Int
    let identity: JourneyID
    let campaign: StableText
    let steps: [Step]
    let fields: [Field]
    let tags: [ReminderCommand.Text]
    private let tagTexts: [StableText]

    init(_ version: PolicyVersion, _ keys: PolicyKeyTable) {
        let policy = version.policy
        name = StableText(policy.name)
        self.version = version.number
        identity = keys.identity(ofPolicy: policy.name)
        campaign = StableText(policy.command.campaign ?? "")
        steps = policy.steps.map { Step(template: StableText($0.template), maxLateness: $0.maxLateness) }
        fields = policy.command.fields.map { field in
            switch field.source {
            case .constant(let text): Field(name: StableText(field.name), number: nil, text: StableText(text))
            case .pointer(let pointer, let fallback):
                Field(
                    name: StableText(field.name), number: keys.number(ofField: pointer),
                    text: fallback.map { StableText($0) })
            }
        }
        tagTexts = policy.command.tags.map { StableText($0) }
        tags = tagTexts.map(\.bytes)
    }
}

/// A text's UTF-8 bytes at an address that does not move.
///
/// Immutable after it was made, so any thread may read it (`@unchecked Sendable`).
final class StableText: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(_ text: String) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, text.utf8.count), alignment: 1)
        copy.copyBytes(from: text.utf8)
        bytes = UnsafeRawBufferPointer(rebasing: copy[..<text.utf8.count])
    }

    deinit { bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0).deallocate() } }
}
