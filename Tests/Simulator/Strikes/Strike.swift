/// What happens to an installation while its engine is away; its name says it in a program's output.
public enum Strike: String, Sendable, CaseIterable, Comparable {
    /// The brokers forget the group's offsets, as after seven days without a member.
    case forgottenOffsets = "forgotten-offsets"
    /// The brokers come back with what they kept at an earlier time.
    case restoredBroker = "restored-broker"
    /// An older copy of the data directory is put in its place.
    case olderData = "older-data"
    /// A copy of the data directory is put in its place that has gone on by itself.
    case divergedData = "diverged-data"
    /// A bit of a file turns over at rest.
    case flippedBit = "flipped-bit"
    /// Nobody starts the engine for days, and events come in.
    case longAbsence = "long-absence"

    public static func < (left: Strike, right: Strike) -> Bool { left.rawValue < right.rawValue }
}
