import Journal
import Journey

/// What a segment holds, in numbers. It names nobody.
///
/// In an index (`SegmentIndexFile`) as numbers of 8 bytes each:
///
/// ```
///    0  i64   first and last clock of its frames and ticks, in milliseconds; the first is above the last where there is none
///   16  i64   earliest and latest time of its messages: events' own, others' timestamps; as above
///   32  u64   frames, inputs, tombstones, unknown types, refused messages, ticks, timers, activations, reminders requested,
///             personal records, bytes of personal records
///  120  u64   facts by code (`RecordLayout`), from 00 to 1F
/// ```
public struct SegmentSummary: Sendable, Equatable {
    public var firstClock = Instant.distantFuture
    public var lastClock = Instant.distantPast
    public var earliest = Instant.distantFuture
    public var latest = Instant.distantPast
    public var frames: UInt64 = 0
    public var inputs: UInt64 = 0
    public var tombstones: UInt64 = 0
    public var unknownTypes: UInt64 = 0
    public var refused: UInt64 = 0
    public var ticks: UInt64 = 0
    public var timers: UInt64 = 0
    public var activations: UInt64 = 0
    /// Commands, by the facts that ask for them.
    public var commands: UInt64 = 0
    public var personalRecords: UInt64 = 0
    /// What the records hold or, destroyed, have held.
    public var personalBytes: UInt64 = 0
    /// By code.
    public private(set) var facts = [UInt64](repeating: 0, count: Self.factCodes)

    private static let factCodes = 32

    public init() {}

    /// All messages, whatever they were.
    public var messages: UInt64 { inputs + tombstones + unknownTypes + refused }
    public var factCount: UInt64 { facts.reduce(0, +) }

    /// When all that it holds was over: everything in it was said to be, and was decided, before or then. `distantPast`: it
    /// holds nothing that has a time.
    public var last: Instant { max(lastClock, latest) }

    mutating func add(_ frame: Frame, clock: Instant) {
        frames += 1
        personalRecords += UInt64(frame.personalCount)
        personalBytes += UInt64(frame.personalDataBytes)
        note(clock: clock)
    }

    mutating func add(_ record: Record) {
        switch record {
        case .input(let input):
            inputs += 1
            note(time: input.time)
        case .tombstone(let place):
            tombstones += 1
            note(time: place.time)
        case .unknownType(let place):
            unknownTypes += 1
            note(time: place.time)
        case .refused(let place, _):
            refused += 1
            note(time: place.time)
        case .tick(let clock):
            ticks += 1
            note(clock: clock)
        case .timer: timers += 1
        case .activation: activations += 1
        case .fact(let fact):
            let code = RecordLayout.FactCode(fact)
            facts[Int(code.rawValue)] += 1
            if code == .reminderRequested { commands += 1 }
        case .migration, .match, .intervention, .found, .command, .address, .destroyed: break
        }
    }

    private mutating func note(clock: Instant) {
        // Before the first tick there is no clock.
        if clock == .distantPast { return }
        firstClock = min(firstClock, clock)
        lastClock = max(lastClock, clock)
    }

    private mutating func note(time: Instant) {
        earliest = min(earliest, time)
        latest = max(latest, time)
    }

    func encoded() -> [UInt8] {
        var bytes = ByteWriter(capacity: 512)
        for time in [firstClock, lastClock, earliest, latest] { bytes.appendFixed(time.milliseconds) }
        for count in counts { bytes.appendFixed(count) }
        for count in facts { bytes.appendFixed(count) }
        return Array(bytes.bytes)
    }

    private var counts: [UInt64] {
        [
            frames, inputs, tombstones, unknownTypes, refused, ticks, timers, activations, commands, personalRecords,
            personalBytes,
        ]
    }

    /// Throws on bytes that `encoded` did not write.
    init(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        firstClock = Instant(milliseconds: try reader.readFixed())
        lastClock = Instant(milliseconds: try reader.readFixed())
        earliest = Instant(milliseconds: try reader.readFixed())
        latest = Instant(milliseconds: try reader.readFixed())
        frames = try reader.readFixed()
        inputs = try reader.readFixed()
        tombstones = try reader.readFixed()
        unknownTypes = try reader.readFixed()
        refused = try reader.readFixed()
        ticks = try reader.readFixed()
        timers = try reader.readFixed()
        activations = try reader.readFixed()
        commands = try reader.readFixed()
        personalRecords = try reader.readFixed()
        personalBytes = try reader.readFixed()
        for code in facts.indices { facts[code] = try reader.readFixed() }
    }
}

extension RecordLayout.FactCode {
    init(_ fact: Fact) {
        self =
            switch fact {
            case .opened: .opened
            case .detailsRefreshed: .detailsRefreshed
            case .contactRefreshed: .contactRefreshed
            case .consentChanged: .consentChanged
            case .activity: .activity
            case .reminderRequested: .reminderRequested
            case .reminderSkipped: .reminderSkipped
            case .reminderFound: .reminderFound
            case .held: .held
            case .resumed: .resumed
            case .converted: .converted
            case .cancelled: .cancelled
            case .superseded: .superseded
            case .reentrySuppressed: .reentrySuppressed
            case .remembered: .remembered
            case .optedOut: .optedOut
            case .optedIn: .optedIn
            case .erased: .erased
            case .addressErased: .addressErased
            case .expired: .expired
            case .forgotten: .forgotten
            case .lapsed: .lapsed
            case .migrated: .migrated
            case .ignored: .ignored
            }
    }
}
