/// What a lead event says: all that a connector needs to keep a contact list or a CRM right. Texts are UTF-8 and lie
/// wherever the caller has them; an empty one that is optional is left out.
public struct LeadEvent {
    public typealias Text = ReminderCommand.Text
    public typealias Field = ReminderCommand.Field
    public typealias Event = ReminderCommand.Opening

    public var kind: Kind
    /// The two halves of the journey's id.
    public var journey: (high: UInt64, low: UInt64)
    /// CloudEvents `source` of this installation.
    public var source: Text
    /// Who it is about: the prospect's id, or the address where there is no id.
    public var subject: Text
    /// When it happened, in milliseconds since 1970.
    public var time: Int64
    /// Optional.
    public var traceparent: Text
    public var tenant: Text
    /// Optional.
    public var prospectID: Text
    /// Optional: left out where no mail may go to it.
    public var email: Text
    public var policyName: Text
    public var policyVersion: Int
    public var consent: EventDecoder.Consent
    /// Optional: what the lead is for, as the opening event names it.
    public var product: Text
    public var about: Text
    public var campaign: Text
    /// What the contact must bear from now on.
    public var addedTags: UnsafeBufferPointer<Text>
    /// What it must not bear any more.
    public var removedTags: UnsafeBufferPointer<Text>
    /// In the order in which they are to appear.
    public var fields: UnsafeBufferPointer<Field>
    public var openedBy: Event

    public enum Kind {
        case created
        /// `seed` stands for the refreshing event in the lead event's id.
        case refreshed(by: Event, seed: UInt64)
        /// By the lead that the event opens.
        case superseded(by: Event, journey: (high: UInt64, low: UInt64))
        case converted(by: Event, afterStep: Int)
        case cancelled(by: Event)
        case optedOut(by: Event)
        case expired
        case erased

        public var type: StaticString {
            switch self {
            case .created: "lead.created"
            case .refreshed: "lead.refreshed"
            case .superseded: "lead.superseded"
            case .converted: "lead.converted"
            case .cancelled, .optedOut: "lead.ended"
            case .expired: "lead.expired"
            case .erased: "lead.erased"
            }
        }
    }

    public init(
        kind: Kind, journey: (high: UInt64, low: UInt64), source: Text, subject: Text, time: Int64, traceparent: Text,
        tenant: Text, prospectID: Text, email: Text, policyName: Text, policyVersion: Int,
        consent: EventDecoder.Consent, product: Text, about: Text, campaign: Text,
        addedTags: UnsafeBufferPointer<Text>, removedTags: UnsafeBufferPointer<Text>,
        fields: UnsafeBufferPointer<Field>, openedBy: Event
    ) {
        self.kind = kind
        self.journey = journey
        self.source = source
        self.subject = subject
        self.time = time
        self.traceparent = traceparent
        self.tenant = tenant
        self.prospectID = prospectID
        self.email = email
        self.policyName = policyName
        self.policyVersion = policyVersion
        self.consent = consent
        self.product = product
        self.about = about
        self.campaign = campaign
        self.addedTags = addedTags
        self.removedTags = removedTags
        self.fields = fields
        self.openedBy = openedBy
    }
}
