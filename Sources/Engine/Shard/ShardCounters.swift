import Journey

/// What a shard has decided since it was started.
public struct ShardCounters: Sendable, Equatable {
    public var events: UInt64 = 0
    public var opened: UInt64 = 0
    public var reminders: UInt64 = 0
    public var skipped: UInt64 = 0
    public var converted: UInt64 = 0
    public var ignored: UInt64 = 0
    public var deadLetters: UInt64 = 0
    /// Events whose address no mail can reach, and which are folded all the same.
    public var unusableAddresses: UInt64 = 0

    mutating func count(_ fact: Fact) {
        switch fact {
        case .opened: opened += 1
        case .reminderRequested: reminders += 1
        case .reminderSkipped: skipped += 1
        case .converted: converted += 1
        case .ignored: ignored += 1
        case .detailsRefreshed, .contactRefreshed, .consentChanged, .activity, .reminderFound, .held, .resumed,
            .cancelled, .superseded,
            .reentrySuppressed, .remembered, .optedOut, .optedIn, .erased, .addressErased, .expired, .forgotten,
            .lapsed, .migrated:
            break
        }
    }

    public static func + (a: ShardCounters, b: ShardCounters) -> ShardCounters {
        ShardCounters(
            events: a.events + b.events, opened: a.opened + b.opened, reminders: a.reminders + b.reminders,
            skipped: a.skipped + b.skipped, converted: a.converted + b.converted, ignored: a.ignored + b.ignored,
            deadLetters: a.deadLetters + b.deadLetters, unusableAddresses: a.unusableAddresses + b.unusableAddresses)
    }
}
