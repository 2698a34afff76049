/// What a `send-reminder` command says: all that a mail worker needs without asking anyone. Texts are UTF-8 and lie
/// wherever the caller has them; an empty one that is optional is left out.
public struct ReminderCommand {
    public typealias Text = UnsafeRawBufferPointer

    public static let type = "send-reminder"

    /// The two halves of the journey's id.
    public var journey: (high: UInt64, low: UInt64)
    /// From 1.
    public var step: Int
    /// How many steps the journey's policy has.
    public var steps: Int
    /// CloudEvents `source` of this installation.
    public var source: Text
    /// Who it is for: the prospect's id, or the address where there is no id.
    public var subject: Text
    /// Optional.
    public var traceparent: Text
    public var tenant: Text
    /// Optional.
    public var prospectID: Text
    public var email: Text
    public var policyName: Text
    public var policyVersion: Int
    public var template: Text
    /// Times are in milliseconds since 1970.
    public var due: Int64
    public var emitted: Int64
    public var expires: Int64
    /// Optional.
    public var campaign: Text
    public var tags: UnsafeBufferPointer<Text>
    /// In the order in which they are to appear.
    public var fields: UnsafeBufferPointer<Field>
    public var openedBy: Opening

    public struct Field {
        public var name: Text
        public var value: Value

        public enum Value {
            /// Without quotes and escapes.
            case string(Text)
            /// JSON that is written as it is; what `EventDecoder` hands out is.
            case json(Text)
        }

        public init(name: Text, value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// The event that opened the journey.
    public struct Opening {
        public var type: Text
        /// Optional, like the id.
        public var source: Text
        public var id: Text
        public var time: Int64

        public init(type: Text, source: Text, id: Text, time: Int64) {
            self.type = type
            self.source = source
            self.id = id
            self.time = time
        }
    }

    public init(
        journey: (high: UInt64, low: UInt64), step: Int, steps: Int, source: Text, subject: Text, traceparent: Text,
        tenant: Text, prospectID: Text, email: Text, policyName: Text, policyVersion: Int, template: Text, due: Int64,
        emitted: Int64, expires: Int64, campaign: Text, tags: UnsafeBufferPointer<Text>,
        fields: UnsafeBufferPointer<Field>, openedBy: Opening
    ) {
        self.journey = journey
        self.step = step
        self.steps = steps
        self.source = source
        self.subject = subject
        self.traceparent = traceparent
        self.tenant = tenant
        self.prospectID = prospectID
        self.email = email
        self.policyName = policyName
        self.policyVersion = policyVersion
        self.template = template
        self.due = due
        self.emitted = emitted
        self.expires = expires
        self.campaign = campaign
        self.tags = tags
        self.fields = fields
        self.openedBy = openedBy
    }
}
