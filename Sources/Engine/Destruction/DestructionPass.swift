import Journal
import Journey
import Records

/// One pass over all of a shard's files that destroys the records of prospects: over its journal, and over what a rebuild has
/// set aside of it. It serves as many prospects as are handed in.
struct DestructionPass {
    let directory: DataDirectory
    /// Gives up, without having destroyed everything, once a stop is asked for.
    var stop: StopSignal?
    /// Called between two segments, to leave the disk to others.
    var rest: () -> Void = {}

    /// Of more prospects than this hardly any segment holds nothing.
    private static let searchedLimit = 1_000

    /// So many prospects are destroyed by one pass.
    static let batchLimit = 1 << 18

    /// - Parameter end: up to where the journal is confirmed. Nothing behind it is touched.
    /// - Throws: `DestructionFailure`; `SessionEnd.stopped`.
    func destroy(
        _ destructions: [ProspectKey: Destruction], of partition: Int32, upTo end: UInt64
    ) throws -> [DestroyedRecords] {
        var counts: [ProspectKey: Int] = [:]
        try perform(
            WantedRecords(destructions), in: directory.shardPath(partition), upTo: end, known: end, &counts)
        let whole = destructions.filter(\.value.isWhole)
        try destroyAside(whole.filter { !$0.value.erasures.isEmpty }, partition, &counts)
        do { try destroyAside(whole.filter(\.value.erasures.isEmpty), partition, &counts) } catch let failure
            as DestructionFailure
        {
            // A copy that nobody can read must not make those whose retention has ended pile up; an erasure tells of it.
            guard failure.isDamage else { throw failure }
        }
        return destructions.map { prospect, destruction in
            DestroyedRecords(prospect: prospect, before: destruction.before, count: counts[prospect] ?? 0)
        }
    }

    private func destroyAside(
        _ destructions: [ProspectKey: Destruction], _ partition: Int32, _ counts: inout [ProspectKey: Int]
    ) throws {
        if destructions.isEmpty { return }
        let wanted = WantedRecords(destructions, isElsewhere: true)
        for path in try directory.shardsAside() where path.hasSuffix("/\(partition)") {
            do {
                try perform(wanted, in: path, upTo: .max, known: 0, &counts)
            } catch let failure as DestructionFailure {
                let folder = path.dropLast("/\(partition)".count)
                throw DestructionFailure(
                    message: """
                        what a rebuild has set aside can't be cleared of the erased: delete \(folder) (\(failure.message))
                        """, isDamage: failure.isDamage)
            }
        }
    }

    /// Goes on behind what can't be read, and then throws.
    private func perform(
        _ wanted: WantedRecords, in path: String, upTo end: UInt64, known: UInt64, _ counts: inout [ProspectKey: Int]
    ) throws {
        var failure: DestructionFailure?
        let segments = try failing { try JournalReader.beginnings(of: path, fileSystem: directory.fileSystem) }
        var search = RecordSearch(wanted, path: path, fileSystem: directory.fileSystem, key: directory.key)
        let destruction = PersonalDestruction(directory: path, fileSystem: directory.fileSystem)
        let holding = known > 0 ? segmentsHolding(wanted, among: segments, in: path, upTo: min(end, wanted.end)) : nil
        for (index, first) in segments.enumerated() where first < min(end, wanted.end) {
            if let holding, first != segments.last, !holding.contains(first) { continue }
            if let stop, stop.isRequested { throw SessionEnd.stopped }
            let next = index + 1 < segments.count ? segments[index + 1] : UInt64.max
            do {
                try failing { try search.search(segment: first, upTo: min(end, next), known: min(known, next)) }
                try failing(first) {
                    try destruction.destroy(search.found.map(\.place), inSegment: first)
                    // Nobody writes to a journal that was set aside.
                    if known == 0, next == .max {
                        try destruction.clear(behind: max(first, search.head.position), inSegment: first)
                    }
                }
                for found in search.found { counts[found.prospect, default: 0] += 1 }
            } catch let error as DestructionFailure {
                if failure?.failedSegment == nil { failure = error }
            }
            rest()
        }
        if let failure { throw failure }
    }

    /// The finished segments that hold anything of the prospects, by their indexes; `nil` where all have to be read: for many
    /// prospects, for an address, which others may have had, too, and where an index can't be made out.
    private func segmentsHolding(
        _ wanted: WantedRecords, among segments: [UInt64], in path: String, upTo end: UInt64
    ) -> Set<UInt64>? {
        guard wanted.addresses.isEmpty, wanted.limits.count <= Self.searchedLimit, let last = segments.last,
            let indexes = try? SegmentIndexes(directory: path, fileSystem: directory.fileSystem),
            let positions = try? indexes.frames(
                of: Set(wanted.limits.keys.map(\.high)), confirmedUpTo: min(last, end))
        else { return nil }
        return Set(positions.compactMap { position in segments.last { $0 <= position } })
    }

    private func failing<Value>(_ segment: UInt64? = nil, _ work: () throws -> Value) throws -> Value {
        do { return try work() } catch {
            let code = (error as? JournalError)?.code
            throw DestructionFailure(
                message: "\(error)", failedSegment: code == .inputOutput ? segment : nil, isDamage: code == .damaged)
        }
    }
}
