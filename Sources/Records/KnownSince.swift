import Journal
import Journey

/// Where what can be read of a shard's journal begins, if not at its start: what lies before is in an archive that was not
/// named. An answer that is made from such a journal says so.
public struct KnownSince: Sendable, Equatable {
    public var position: UInt64
    /// The clock of the first frame that is there, or the time of its first message where it has none.
    public var time: Instant

    /// - Returns: `nil` where the journal can be read from its start, or there is none.
    public static func read(_ directory: String, _ fileSystem: any FileSystem) throws -> KnownSince? {
        guard let beginning = try JournalBeginning.readable(in: directory, fileSystem), beginning != .start else {
            return nil
        }
        let reader = try JournalReader(
            directory: directory, fileSystem: fileSystem, from: beginning.position, hash: beginning.hash,
            verification: .checksum)
        var known = KnownSince(position: beginning.position, time: .distantPast)
        while known.time == .distantPast, let frame = try reader.next() {
            var records = try RecordReader(frame.body, position: frame.position)
            known.time = records.clock
            while known.time == .distantPast, let record = try records.next() {
                switch record {
                case .input(let input): known.time = input.time
                case .refused(let place, _), .tombstone(let place), .unknownType(let place): known.time = place.time
                case .tick(let clock): known.time = clock
                default: break
                }
            }
        }
        return known
    }
}
