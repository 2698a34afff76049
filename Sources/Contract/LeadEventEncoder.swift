/// Writes lead events as structured CloudEvents, as `schemas/lead-event.schema.json` describes them.
///
/// The bytes follow from the content alone, as those of commands do.
public final class LeadEventEncoder {
    private var writer = ByteWriter(capacity: 16 * 1024)

    public init() {}

    /// The event's bytes, valid until the next call, and as long as the encoder is there.
    public func encode(_ event: LeadEvent) -> UnsafeRawBufferPointer {
        writer.removeAll()
        writer.append(event)
        return writer.bytes
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ event: LeadEvent) {
        append("{\"specversion\":\"1.0\",\"id\":\"")
        append(journey: event.journey)
        appendIDEnd(event.kind)
        string("\",\"source\":", event.source)
        append(",\"type\":\"")
        append(event.kind.type)
        string("\",\"subject\":", event.subject)
        time(",\"time\":\"", event.time)
        append(",\"datacontenttype\":\"application/json\"")
        optional(",\"traceparent\":", event.traceparent)
        string(",\"data\":{\"tenant\":", event.tenant)
        appendProspect(event)
        string(",\"policy\":{\"name\":", event.policyName)
        number(",\"version\":", event.policyVersion)
        append("},\"journey\":\"")
        append(journey: event.journey)
        append("\"")
        appendContent(event)
        append("}}")
    }

    private mutating func append(journey: (high: UInt64, low: UInt64)) {
        append(hex: journey.high)
        append(hex: journey.low)
    }

    /// What happens once to a lead needs no more than its name in the id.
    private mutating func appendIDEnd(_ kind: LeadEvent.Kind) {
        switch kind {
        case .created: append("-created")
        case .refreshed(let event, let seed):
            append("-refreshed-")
            append(decimal: event.time)
            append("-")
            append(hex: seed)
        case .superseded: append("-superseded")
        case .converted: append("-converted")
        case .cancelled, .optedOut: append("-ended")
        case .expired: append("-expired")
        case .erased: append("-erased")
        }
    }

    private mutating func appendProspect(_ event: LeadEvent) {
        append(",\"prospect\":{")
        if event.prospectID.count > 0 { string("\"id\":", event.prospectID) }
        if event.email.count > 0 {
            if event.prospectID.count > 0 { append(",") }
            string("\"email\":", event.email)
        }
        append("}")
    }

    private mutating func appendContent(_ event: LeadEvent) {
        list(",\"tags\":{\"add\":", event.addedTags)
        list(",\"remove\":", event.removedTags)
        append("}")
        if case .erased = event.kind { return }
        optional(",\"product\":", event.product)
        optional(",\"about\":", event.about)
        optional(",\"campaign\":", event.campaign)
        switch event.consent {
        case .unknown: break
        case .given: append(",\"consent\":true")
        case .withheld: append(",\"consent\":false")
        }
        self.event(",\"openedBy\":", event.openedBy)
        switch event.kind {
        case .created: fields(",\"fields\":", event.fields)
        case .refreshed(let cause, _):
            fields(",\"fields\":", event.fields)
            self.event(",\"causedBy\":", cause)
        case .superseded(let cause, let journey):
            append(",\"supersededBy\":\"")
            append(journey: journey)
            self.event("\",\"causedBy\":", cause)
        case .converted(let cause, let afterStep):
            fields(",\"fields\":", event.fields)
            number(",\"afterStep\":", afterStep)
            self.event(",\"causedBy\":", cause)
        case .cancelled(let cause):
            self.event(",\"reason\":\"cancelled\",\"causedBy\":", cause)
        case .optedOut(let cause):
            self.event(",\"reason\":\"opted-out\",\"causedBy\":", cause)
        case .expired, .erased: break
        }
    }
}
