import Contract
import Journey

/// What a policy version contributes to each of its commands and lead events, as bytes that stay where they are.
final class PolicyTexts {
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

    /// The fields that the details have, or that need none, in the policy's order.
    func collectFields(_ details: PersonalRecord.View, into fields: inout ContiguousArray<ReminderCommand.Field>) {
        fields.removeAll(keepingCapacity: true)
        for field in self.fields {
            var value = field.text.map { ReminderCommand.Field.Value.string($0.bytes) }
            if let number = field.number, let found = details.field(number) {
                value = found.kind == .string ? .string(found.bytes) : .json(found.bytes)
            }
            if let value { fields.append(ReminderCommand.Field(name: field.name.bytes, value: value)) }
        }
    }

    /// The whole id of a journey, derived again from its opening event: the state keeps its first half only.
    func id(
        of journey: JourneyReference, openedBy opening: PersonalRecord.View, _ prospect: ProspectKey,
        _ digest: PublicDigest
    )
        -> JourneyID
    {
        let seed = digest.seed(of: opening, prospect)
        let id = JourneyID(high: seed.high ^ identity.high, low: seed.low ^ identity.low)
        precondition(id.reference == journey, "a journey's id follows from its opening event")
        return id
    }
}

/// The texts of every policy version that was needed so far.
struct PolicyTextTable {
    /// By policy index.
    private var texts: [PolicyTexts?] = []

    subscript(version: PolicyVersion, keys: PolicyKeyTable) -> PolicyTexts {
        mutating get {
            let index = Int(version.index.rawValue)
            while texts.count <= index { texts.append(nil) }
            if let known = texts[index] { return known }
            let made = PolicyTexts(version, keys)
            texts[index] = made
            return made
        }
    }
}

extension EventType {
    /// The name, at an address that does not move.
    var nameBytes: UnsafeRawBufferPointer { Self.names[rawValue]!.bytes }

    private static let names: [UInt8: StableText] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, StableText($0.name)) })
}

extension PersonalRecord.View {
    /// The event that the record was made from, as messages name it.
    var event: ReminderCommand.Opening {
        let type = item(.type).first.flatMap { EventType(rawValue: $0) }
        return ReminderCommand.Opening(
            type: type?.nameBytes ?? UnsafeRawBufferPointer(start: nil, count: 0), source: item(.source),
            id: item(.id), time: time.milliseconds)
    }
}
