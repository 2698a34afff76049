import Journal

/// A snapshot of a shard, and whether a start would use it.
public struct SnapshotListing: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case sound
        /// Another version of the program has made it.
        case otherVersion(UInt32)
        /// Why it can't be used.
        case unusable(String)
    }

    public var position: UInt64
    public var bytes: UInt64
    public var state: State

    /// All of a shard's folder, oldest first; every byte of them is verified.
    public static func read(_ directory: String, fileSystem: any FileSystem) throws -> [SnapshotListing] {
        try SnapshotFile.newest(in: directory, fileSystem, atOrBelow: JournalHead.positionLimit).reversed().map {
            let file = try fileSystem.open($0.path, .read)
            defer { file.close() }
            return SnapshotListing(
                position: $0.position, bytes: try file.size(), state: try state($0, directory, fileSystem))
        }
    }

    private static func state(
        _ candidate: SnapshotFile.Candidate, _ directory: String, _ fileSystem: any FileSystem
    ) throws -> State {
        var reason: String?
        let version = try SnapshotFile.withNewest(in: directory, fileSystem, atOrBelow: candidate.position) {
            if $0 == candidate { reason = ($1 as? JournalError)?.message ?? "\($1)" }
        } _: {
            $0.stateVersion
        }
        if let reason { return .unusable(reason) }
        return version == StateSnapshot.version ? .sound : .otherVersion(version ?? 0)
    }
}
