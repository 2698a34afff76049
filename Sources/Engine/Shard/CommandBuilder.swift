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
    private var texts = PolicyTextTable()
    private var fields: ContiguousArray<ReminderCommand.Field> = []
    private let records = JourneyRecords()
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
        _ request: Request, _ version: PolicyVersion, keys: PolicyKeyTable, journal: some PersonalSource,
        into outbox: Outbox
    ) throws {
        let texts = texts[version, keys]
        let records = records
        try records.withViews(of: request.journey, contact: request.contact, in: journal) { views in
            append(request, texts, views, into: outbox)
        }
    }

    private mutating func append(
        _ request: Request, _ texts: PolicyTexts, _ views: JourneyRecords.Views, into outbox: Outbox
    ) {
        let opening = views.opening
        let step = texts.steps[request.step]
        texts.collectFields(views.details, into: &fields)
        let prospectID = opening.item(.prospectID)
        let email = views.contact.item(.email)
        let key = opening.item(.key)
        let journey = texts.id(of: request.journey.reference, openedBy: opening, request.prospect, digest)
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
                        campaign: texts.campaign.bytes, tags: tags, fields: fields, openedBy: opening.event))
                outbox.append(
                    .reminders, timestamp: request.emitted.milliseconds, key: key.isEmpty ? prospectID : key,
                    value: bytes, headers: [(contentType.name.bytes, contentType.value.bytes)])
            }
        }
    }
}
