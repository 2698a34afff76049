import Foundation

/// What an engine is doing, as `winback status` shows it and the data directory keeps it for other processes to read.
///
/// All times are milliseconds since 1970; `nil` where a thing has not happened yet.
public struct EngineStatus: Codable, Sendable, Equatable {
    public var version: String
    public var librdkafka: String
    public var processID: Int32
    public var instance: String
    public var group: String
    public var startedAt: Int64
    public var writtenAt: Int64
    /// What the engine is about: `starting`, `running`, `recovering`, `stopped`.
    public var phase: String
    /// Why no clock ticks, where an operator has to act.
    public var stoppedTicks: String?
    /// The disk of the data directory; `nil` before it has been asked.
    public var disk: Disk?
    public var partitions: [Partition]
    public var oddities: Oddities?
    /// What has been done about erasures and the end of retention, since the start.
    public var destruction: Destruction?

    /// What is probably not meant by those who publish events, counted since the start.
    public struct Oddities: Codable, Sendable, Equatable {
        /// Events whose key is not their identity and that were folded all the same, because they end or suppress.
        public var foreignKeys: UInt64 = 0
        /// Events that lie in another partition than their key's.
        public var strays: UInt64 = 0
        /// The partitioner that the others were put with, as far as it is known: `murmur2` or `crc32`.
        public var partitioner: String?
        /// Events without an id, known by their address, while others have one: a person may be two prospects.
        public var withoutID: UInt64 = 0

        public init(
            foreignKeys: UInt64 = 0, strays: UInt64 = 0, partitioner: String? = nil, withoutID: UInt64 = 0
        ) {
            self.foreignKeys = foreignKeys
            self.strays = strays
            self.partitioner = partitioner
            self.withoutID = withoutID
        }
    }

    public struct Destruction: Codable, Sendable, Equatable {
        /// Personal records that were overwritten.
        public var records: UInt64
        public var heldUp: [HeldUp]
        /// The newest erasures whose data was destroyed, oldest first.
        public var finished: [FinishedErasure]

        /// Why the data of those who were erased in a partition is still there.
        public struct HeldUp: Codable, Sendable, Equatable {
            public var partition: Int32
            public var why: String
        }
    }

    public struct FinishedErasure: Codable, Sendable, Equatable {
        public var partition: Int32
        /// The place of the topic in `topics.events`, and the offset of the event that asked for it.
        public var topic: UInt8
        public var offset: Int64
        /// Personal records that were overwritten for it.
        public var records: Int
    }

    public struct Disk: Codable, Sendable, Equatable {
        public var freeBytes: Int64
        public var totalBytes: Int64
        /// With less room than this the engine warns, and stops.
        public var warnBelowBytes: Int64
        public var stopBelowBytes: Int64

        public var isLow: Bool { freeBytes < warnBelowBytes }
    }

    public struct Partition: Codable, Sendable, Equatable {
        public var partition: Int32
        /// Per topic.
        public var topics: [Topic]
        public var clock: Int64?
        static let lag = "lag"

        /// What keeps the clock from ticking: `lag`, `open transaction`, `no end offsets`, or nothing.
        public var heldBackBy: String?
        public var lastCommitAt: Int64?
        public var journalPosition: UInt64
        /// Up to where commits are known to have succeeded.
        public var confirmedPosition: UInt64
        /// Prospects of whom anything is known.
        public var prospects: Int
        /// Journeys from which a reminder may still come.
        public var waiting: Int
        /// Actions that are due and wait for the next tick.
        public var overdue: Int
        public var events: UInt64
        public var opened: UInt64
        public var reminders: UInt64
        public var skipped: UInt64
        public var converted: UInt64
        public var deadLetters: UInt64
        /// Events whose address no mail can reach.
        public var unusableAddresses: UInt64
    }

    public struct Topic: Codable, Sendable, Equatable {
        public var name: String
        /// The next offset to fold.
        public var offset: Int64
        public var end: Int64?
    }

    /// The file in the data directory.
    public static func path(in directory: String) -> String { "\(directory)/status.json" }

    /// What the engine of this data directory last wrote; `nil` if none ever ran.
    public static func read(from directory: String) throws -> EngineStatus? {
        guard let data = FileManager.default.contents(atPath: path(in: directory)) else { return nil }
        return try JSONDecoder().decode(EngineStatus.self, from: data)
    }

    func write(to directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Replaced as a whole, so that a reader never sees half of it; it is not state, so it is not synced.
        try encoder.encode(self).write(to: URL(fileURLWithPath: Self.path(in: directory)), options: .atomic)
    }
}
