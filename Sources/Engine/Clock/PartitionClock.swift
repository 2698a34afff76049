import Journey

/// What the broker said about one shard's partitions at time `takenAt`.
public struct EndSample: Sendable, Equatable {
    /// The wall clock's time when the broker was asked.
    public var takenAt: Instant
    /// CLOCK_BOOTTIME in milliseconds when the broker was asked: the sample's age is measured on it, so that a paused
    /// machine cannot make an old sample look new.
    public var bootMilliseconds: Int64
    /// The high watermark of the shard's partition in each event topic.
    public var ends: [Int64]

    public init(takenAt: Instant, bootMilliseconds: Int64, ends: [Int64]) {
        self.takenAt = takenAt
        self.bootMilliseconds = bootMilliseconds
        self.ends = ends
    }
}

/// The clock of one shard: it ticks only when everything that the broker held at a sampled moment has been folded.
///
/// Invariants: `now` never goes back; a tick at `t - lateness` is handed out only while the position of every topic is at
/// or beyond the end that was sampled at `t`, and while that sample is younger than `maxAge`.
struct PartitionClock {
    struct Settings {
        var lateness: Span
        var maxAge: Span
    }

    struct Tick: Equatable {
        var clock: Instant
        var bootMilliseconds: Int64
    }

    enum HeldBack: Equatable { case nothing, noSample, lag, openTransaction }

    /// Records that the broker holds and that have not come for so long, though the reader was told of the end before them,
    /// lie behind an open transaction; until then they may be on their way.
    private static let openTransactionMilliseconds: Int64 = 2_000

    /// The newest tick; `distantPast` before the first.
    private(set) var now: Instant
    /// Per topic: everything before this offset has been folded, or takes up offsets that never arrive.
    private(set) var positions: [Int64]
    private let settings: Settings
    private var sample: EndSample?
    /// The newest sample's boot time and, per topic, the newest end-of-partition report: what a `read_committed` reader can
    /// reach may end before what the broker holds.
    private var sampledAt: Int64?
    private var reportedEnds: [Int64]

    init(now: Instant, positions: [Int64], settings: Settings) {
        self.now = now
        self.positions = positions
        self.settings = settings
        reportedEnds = Array(repeating: -1, count: positions.count)
    }

    /// The record before `position` has been folded.
    mutating func advance(topic: Int, to position: Int64) { positions[topic] = max(positions[topic], position) }

    /// An end-of-partition report: nothing is left before `position` for a `read_committed` reader.
    mutating func reachEnd(topic: Int, at position: Int64) {
        advance(topic: topic, to: position)
        reportedEnds[topic] = max(reportedEnds[topic], position)
    }

    /// A younger sample replaces an older one: what the older one would have allowed, the younger one allows later.
    mutating func offer(_ sample: EndSample) {
        sampledAt = sample.bootMilliseconds
        // While the partition lags, the older sample is the one that can be reached; it goes when it is too old.
        if let pending = self.sample, sample.bootMilliseconds - pending.bootMilliseconds <= settings.maxAge.milliseconds
        {
            return
        }
        self.sample = sample
    }

    /// A tick that may be decided from now. `nil` while the partition lags, or no young sample is at hand. Each sample gives
    /// at most one tick.
    mutating func tick(bootMilliseconds: Int64) -> Tick? {
        guard let sample else { return nil }
        if bootMilliseconds - sample.bootMilliseconds > settings.maxAge.milliseconds {
            self.sample = nil
            return nil
        }
        guard zip(positions, sample.ends).allSatisfy({ $0 >= $1 }) else { return nil }
        self.sample = nil
        let time = sample.takenAt - settings.lateness
        guard time > now else { return nil }
        now = time
        return Tick(clock: time, bootMilliseconds: sample.bootMilliseconds)
    }

    /// What keeps the clock from ticking, for people who ask.
    func heldBack(bootMilliseconds: Int64) -> HeldBack {
        guard let sampledAt, bootMilliseconds - sampledAt <= settings.maxAge.milliseconds else { return .noSample }
        guard let sample else { return .nothing }
        var result = HeldBack.nothing
        for topic in positions.indices where positions[topic] < sample.ends[topic] {
            // It was read to the end that this reader is shown, and yet the broker holds more.
            let isYoung = bootMilliseconds - sample.bootMilliseconds < Self.openTransactionMilliseconds
            if isYoung || reportedEnds[topic] < positions[topic] { return .lag }
            result = .openTransaction
        }
        return result
    }
}
