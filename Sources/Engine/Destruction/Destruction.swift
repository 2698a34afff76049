import Journey
import Records

/// What is still to be destroyed of a prospect's records.
struct Destruction: Equatable {
    /// Records that lie before are destroyed; what newer events brought after the fact stays.
    var before: RecordPosition
    /// The position of the frame that holds the newest fact that asks for it. Once that frame is confirmed nothing can cut
    /// it, and records may be destroyed.
    var frame: UInt64
    /// The events that asked for it, oldest first, at most `erasureLimit`; none where retention ended.
    var erasures: ContiguousArray<MessagePlace> = []
    /// The person was erased by address: every record that carries it, whoever's, of an event up to this time is destroyed,
    /// too; also those that nothing refers to any more, of people who have another address by now.
    var address: Address?
    /// Nothing of the prospect is kept: then journals that were set aside hold nothing of worth either.
    var isWhole: Bool

    struct Address: Equatable {
        /// By which the journal tells who has had it.
        var hash: UInt64
        var erasedAt: Instant
    }

    /// Of one prospect; the oldest tell for how long it has been outstanding.
    static let erasureLimit = 8

    /// Takes in a newer one of the same prospect.
    mutating func merge(_ newer: Destruction) {
        before = max(before, newer.before)
        frame = max(frame, newer.frame)
        if let newer = newer.address, newer.erasedAt > (address?.erasedAt ?? .distantPast) { address = newer }
        isWhole = isWhole || newer.isWhole
        erasures.append(contentsOf: newer.erasures.prefix(Self.erasureLimit - erasures.count))
    }
}

extension Fact {
    /// Whether it leaves records that are to be destroyed.
    var destroysRecords: Bool {
        switch self {
        case .erased, .addressErased, .expired: true
        case .opened, .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderRequested,
            .reminderSkipped, .reminderFound, .held, .resumed, .converted, .cancelled, .superseded,
            .reentrySuppressed, .remembered, .optedOut, .optedIn, .forgotten, .lapsed, .migrated, .ignored:
            false
        }
    }

    var erasesAddress: Bool {
        if case .addressErased = self { true } else { false }
    }

    /// The personal record that it refers to; `none` if it refers to none.
    public var record: RecordPosition {
        switch self {
        case .opened(let opening): opening.details.record
        case .detailsRefreshed(_, let details, _): details.record
        case .contactRefreshed(let record, _): record
        case .consentChanged, .activity, .reminderRequested, .reminderSkipped, .reminderFound, .held, .resumed,
            .converted, .cancelled, .superseded, .reentrySuppressed, .remembered, .optedOut, .optedIn, .erased,
            .addressErased, .expired, .forgotten, .lapsed, .migrated, .ignored:
            .none
        }
    }
}

extension ProspectState {
    /// The oldest record that anything still refers to; `nil` if nothing does.
    var oldestRecord: RecordPosition? {
        var oldest: RecordPosition?
        func add(_ record: RecordPosition) {
            if record != .none { oldest = min(oldest ?? record, record) }
        }
        add(contact.record)
        for journey in journeys {
            add(journey.opening)
            add(journey.details.record)
        }
        return oldest
    }
}
