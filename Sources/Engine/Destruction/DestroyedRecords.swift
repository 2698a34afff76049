import Journey

/// A prospect's records that lie before a position are destroyed, durably.
struct DestroyedRecords: Equatable {
    var prospect: ProspectKey
    var before: RecordPosition
    /// How many were overwritten, those included that had been before.
    var count: Int
}

/// Why records could not be destroyed, or not all of them. What was asked for is still to be done.
struct DestructionFailure: Error, Equatable, CustomStringConvertible {
    var message: String
    /// The segment, as its first position, whose write or sync failed: what is on the disk of it is unknown.
    var failedSegment: UInt64?
    /// Bytes on disk are not what was written: trying again does not help.
    var isDamage = false

    var description: String { message }
}
