import Engine
import Journey
import Kafka
import Records

/// Compares the commands that journals decided with those that lie in the reminder topic, as a `read_committed` consumer sees
/// it: each must be there once, and be the same to the byte.
public struct ReminderComparison: Sendable, Equatable {
    /// A command by what its id is made of.
    public struct Name: Hashable, Sendable, Comparable, CustomStringConvertible {
        /// The first half of the journey's id.
        public var journey: UInt64
        /// From 1.
        public var step: Int

        public static func < (a: Name, b: Name) -> Bool { (a.journey, a.step) < (b.journey, b.step) }

        /// As ids begin and end: `4bf92f3577b34da6…-1`.
        public var description: String {
            let digits = String(journey, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits + "…-\(step)"
        }
    }

    public enum Kind: String, Sendable, CaseIterable {
        /// Decided, and not in the topic, which holds what was sent then.
        case missing
        /// In the topic, and not decided.
        case extra
        /// In the topic more than once.
        case twice
        /// In the topic with other bytes than the journal says.
        case different
    }

    public struct Difference: Sendable, Equatable {
        public var kind: Kind
        public var name: Name
        /// When it was emitted; `nil` of messages that are no commands.
        public var emitted: Instant?
        /// Where it lies in the topic: partition and offset.
        public var place: String?
    }

    /// Messages of the topic, and how many of them were the same as decided.
    public private(set) var messages = 0
    public private(set) var same = 0
    /// In the topic and decided, without a digest to compare: found at a rebuild, or from before there were digests and of a
    /// person whose data has been destroyed.
    public private(set) var unproven = 0
    /// Decided so long ago that the topic need not hold them any more.
    public private(set) var deleted = 0
    /// Younger than what the journals are known to have committed, while something of theirs may not be known yet.
    public private(set) var later = 0
    public private(set) var others = 0
    /// Ordered by kind and name; the first `maximumDifferences`.
    public private(set) var differences: [Difference] = []
    public private(set) var counts: [Kind: Int] = [:]
    public static let maximumDifferences = 1000

    public var isSame: Bool { counts.values.allSatisfy { $0 == 0 } && others == 0 }

    private struct Decided {
        var digest: CommandDigest?
        var emitted: Instant
        var isSeen = false
    }

    /// Reads the topic once, and looks each message up among the commands.
    ///
    /// - Parameters:
    ///   - isGoingOn: whether an engine may have published more since the journals were read.
    ///   - progress: hears how many messages have been read.
    public init(
        _ shards: [ReplayAudit.Shard], with scan: TopicScan, key: [UInt8], isGoingOn: Bool,
        progress: (Int) -> Void = { _ in }
    ) throws {
        var decided: [Name: Decided] = [:]
        for command in shards.lazy.flatMap(\.commands) {
            decided[Name(journey: command.journey, step: command.step)] = Decided(
                digest: command.digest, emitted: command.emitted)
        }
        let isComplete = !isGoingOn && shards.allSatisfy { $0.pendingBytes == 0 }
        let clock = isComplete ? .distantFuture : shards.map(\.clock).max() ?? .distantPast
        let digests = CommandDigests(key: key)
        var first: [Int32: Instant] = [:]
        try scan.read(waitsForTransactions: false, progress: progress) { batch, index in
            let time = Instant(milliseconds: batch.timestampMilliseconds(index))
            if first[batch.partition(index)] == nil { first[batch.partition(index)] = time }
            add(batch, index, time, clock, digests, &decided)
        }
        // What a partition does not hold any more was sent before the first message that it holds.
        let unknown = scan.beginnings.filter { $0.value > 0 }.map { first[$0.key] ?? .distantFuture }.max()
        for (name, command) in decided where !command.isSeen {
            if command.emitted <= unknown ?? .distantPast {
                deleted += 1
            } else {
                report(Difference(kind: .missing, name: name, emitted: command.emitted, place: nil))
            }
        }
        differences.sort { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
    }

    private mutating func add(
        _ batch: MessageBatch, _ index: Int, _ time: Instant, _ clock: Instant, _ digests: CommandDigests,
        _ decided: inout [Name: Decided]
    ) {
        messages += 1
        guard let value = batch.value(index), let name = Self.name(value) else {
            others += 1
            return
        }
        func difference(_ kind: Kind) -> Difference {
            Difference(kind: kind, name: name, emitted: time, place: "\(batch.partition(index))/\(batch.offset(index))")
        }
        guard let command = decided[name] else {
            if time > clock { later += 1 } else { report(difference(.extra)) }
            return
        }
        decided[name]?.isSeen = true
        if command.isSeen { return report(difference(.twice)) }
        guard let digest = command.digest else {
            unproven += 1
            return
        }
        let key = batch.key(index) ?? UnsafeRawBufferPointer(start: nil, count: 0)
        if digests.digest(key, value) == digest { same += 1 } else { report(difference(.different)) }
    }

    private mutating func report(_ difference: Difference) {
        counts[difference.kind, default: 0] += 1
        if differences.count < Self.maximumDifferences { differences.append(difference) }
    }

    /// Every command begins with its id: 32 hexadecimal digits, a dash and the step's number.
    private static func name(_ value: UnsafeRawBufferPointer) -> Name? {
        guard value.starts(with: prefix), value.count > prefix.count + 34 else { return nil }
        let id = value[prefix.count...]
        guard let journey = UInt64(String(decoding: id.prefix(16), as: UTF8.self), radix: 16) else { return nil }
        let rest = id.dropFirst(32)
        guard rest.first == UInt8(ascii: "-") else { return nil }
        let digits = rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
        return Int(String(decoding: digits.prefix(4), as: UTF8.self)).map { Name(journey: journey, step: $0) }
    }

    private static let prefix = Array(#"{"specversion":"1.0","id":""#.utf8)
}
