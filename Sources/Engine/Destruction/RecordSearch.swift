import Journal
import Journey
import Records

/// What is searched for: the records of prospects, and those that carry an address.
struct WantedRecords {
    /// Of each prospect, the position before which its records are wanted.
    private(set) var limits: [ProspectKey: UInt64] = [:]
    /// By the address's hash: in whose name it is erased.
    private(set) var addresses: [UInt64: [Address]] = [:]
    /// No record that lies behind it is wanted.
    private(set) var end: UInt64 = 0

    struct Address {
        var name: ProspectKey
        var before: UInt64
        var erasedAt: Instant
    }

    /// - Parameter isElsewhere: it is another journal than the one whose positions they name: all of it is wanted.
    init(_ destructions: [ProspectKey: Destruction], isElsewhere: Bool = false) {
        for (prospect, destruction) in destructions {
            let before = isElsewhere ? UInt64.max : destruction.before.rawValue
            limits[prospect] = before
            end = max(end, before)
            guard let address = destruction.address else { continue }
            addresses[address.hash, default: []].append(
                Address(name: prospect, before: before, erasedAt: address.erasedAt))
        }
    }
}

/// Finds where records lie in a shard's segments: by reading all frames, segment by segment from the first on.
///
/// A record is its prospect's by what the journal says of it, which stays when the record is destroyed: so the same ones are
/// found again by whoever does it again.
struct RecordSearch {
    private let path: String
    private let fileSystem: any FileSystem
    private let hash: KeyedHash
    private let wanted: WantedRecords
    /// Those whose events have brought a wanted address so far. Records that were completed with it come later.
    private var owners: [ProspectKey: Set<UInt64>] = [:]
    private var named: ContiguousArray<Named> = []
    private var seen: Set<UInt64> = []
    private(set) var found: [Found] = []
    /// Where the frames end that were read last.
    private(set) var head = JournalHead.start

    struct Found {
        var place: PersonalDestruction.Place
        /// In whose name it was wanted.
        var prospect: ProspectKey
    }

    /// A record of the frame in hand, and what names it.
    private struct Named {
        var record: UInt64
        var prospect: ProspectKey
        var time: Instant
    }

    init(_ wanted: WantedRecords, path: String, fileSystem: any FileSystem, key: [UInt8]) {
        self.wanted = wanted
        self.path = path
        self.fileSystem = fileSystem
        hash = KeyedHash(key: key)
    }

    /// Fills `found` with the records of one segment, in the order in which they lie.
    ///
    /// - Parameters:
    ///   - known: frames are known to be there up to this position; 0 if nothing is known.
    ///   - end: no frame behind it is read.
    mutating func search(segment first: UInt64, upTo end: UInt64, known: UInt64) throws {
        found.removeAll(keepingCapacity: true)
        let reader = try JournalReader(directory: path, fileSystem: fileSystem, from: first, verification: .checksum)
        while reader.head.position < min(end, wanted.end), let frame = try reader.next(knownEnd: known) {
            // What follows lies in the next segment.
            guard frame.position - first == frame.fileOffset else { break }
            try search(frame)
            head = frame.head
        }
    }

    private mutating func search(_ frame: Frame) throws {
        if frame.personalCount == 0 { return }
        named.removeAll(keepingCapacity: true)
        seen.removeAll(keepingCapacity: true)
        var reader = try RecordReader(frame.body, position: frame.position)
        var prospect: ProspectKey?
        var time = Instant.distantPast
        let keepsAll = !wanted.addresses.isEmpty
        while let record = try reader.next() {
            switch record {
            case .input(let input):
                time = input.time
                prospect = keepsAll || wanted.limits[input.prospect] != nil ? input.prospect : nil
                if let prospect { add(input.details.record, of: prospect, time, frame) }
            case .timer(let key), .migration(let key), .match(let key):
                prospect = keepsAll || wanted.limits[key] != nil ? key : nil
            case .fact(let fact):
                if let prospect { add(fact.record, of: prospect, time, frame) }
            case .address(let hash):
                if let prospect, wanted.addresses[hash] != nil { owners[prospect, default: []].insert(hash) }
            case .refused, .tombstone, .unknownType, .tick, .activation, .intervention, .found, .command, .destroyed:
                continue
            }
        }
        for each in named { if let owner = owner(of: each, in: frame) { add(each, of: owner, frame) } }
    }

    /// Of older frames, records have been found with those.
    private mutating func add(_ record: RecordPosition, of prospect: ProspectKey, _ time: Instant, _ frame: Frame) {
        guard record.rawValue > frame.position, seen.insert(record.rawValue).inserted else { return }
        named.append(Named(record: record.rawValue, prospect: prospect, time: time))
    }

    private mutating func add(_ named: Named, of owner: ProspectKey, _ frame: Frame) {
        found.append(
            Found(place: PersonalDestruction.Place(frame: frame.position, record: named.record), prospect: owner))
    }

    /// In whose name the record is wanted; `nil` if it is not.
    private func owner(of named: Named, in frame: Frame) -> ProspectKey? {
        if let limit = wanted.limits[named.prospect], named.record < limit { return named.prospect }
        for address in owners[named.prospect] ?? [] {
            for each in wanted.addresses[address] ?? []
            where named.record < each.before && named.time <= each.erasedAt && mayCarry(each.name, named, frame) {
                return each.name
            }
        }
        return nil
    }

    /// Of one that cannot be read any more nobody knows: it is destroyed, whatever is on the disk by now.
    private func mayCarry(_ name: ProspectKey, _ named: Named, _ frame: Frame) -> Bool {
        guard let record = try? frame.personal(at: named.record), let bytes = record.bytes else { return true }
        var carries = false
        hash.forEachName(of: PersonalRecord.View(bytes: bytes)) { if $0 == name { carries = true } }
        return carries
    }
}
