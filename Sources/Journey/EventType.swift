/// The type of a checkout event, as a small number. `name` is what CloudEvents `type` carries.
public enum EventType: UInt8, CaseIterable, Sendable {
    case salesLeadCreated = 1
    case offerCreated = 2
    case policyIssued = 3
    case checkoutStarted = 4
    case checkoutUpdated = 5
    case checkoutCompleted = 6
    case paymentPending = 7
    case paymentFailed = 8
    case leadCancelled = 9
    case contactOptedOut = 10
    case contactOptedIn = 11
    case contactErasureRequested = 12

    public var name: String {
        switch self {
        case .salesLeadCreated: "sales-lead.created"
        case .offerCreated: "offer.created"
        case .policyIssued: "policy.issued"
        case .checkoutStarted: "checkout.started"
        case .checkoutUpdated: "checkout.updated"
        case .checkoutCompleted: "checkout.completed"
        case .paymentPending: "payment.pending"
        case .paymentFailed: "payment.failed"
        case .leadCancelled: "lead.cancelled"
        case .contactOptedOut: "contact.opted-out"
        case .contactOptedIn: "contact.opted-in"
        case .contactErasureRequested: "contact.erasure-requested"
        }
    }
}

/// A set of event types, one bit each.
public struct EventTypeSet: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public init(_ type: EventType) { rawValue = 1 << UInt64(type.rawValue) }
    @inlinable public init(_ types: [EventType]) { rawValue = types.reduce(0) { $0 | 1 << UInt64($1.rawValue) } }
    @inlinable public func contains(_ type: EventType) -> Bool { rawValue & (1 << UInt64(type.rawValue)) != 0 }
    public var types: [EventType] { EventType.allCases.filter { contains($0) } }
}
