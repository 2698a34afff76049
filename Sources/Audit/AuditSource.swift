import Engine
import Journal
import Journey

/// A data directory as an auditor has it: beside its running engine, long after it, or a copy on another machine. Nothing in
/// it is changed, and no broker is asked.
public struct AuditSource: Sendable {
    public let directory: DataDirectory
    /// What the engine last said of itself; `nil` where it has said nothing.
    public let status: EngineStatus?
    /// The event topics, in the order in which records name them; empty before the first start was complete.
    public let topics: [String]

    public var fileSystem: any FileSystem { directory.fileSystem }

    /// - Parameter path: the data directory. Throws `JournalError` where there is none, or none that can be read.
    public init(path: String, fileSystem: any FileSystem) throws {
        directory = try DataDirectory.openForReading(path, fileSystem: fileSystem)
        status = try? EngineStatus.read(from: path)
        topics = try directory.eventTopics() ?? []
    }

    /// The partitions that have a journal, ascending.
    public func partitions() throws -> [Int32] { try directory.shards() }

    /// What messages call an event topic; its number where the name is not known.
    public func topicName(_ topic: UInt8) -> String {
        Int(topic) < topics.count ? topics[Int(topic)] : "topic \(topic)"
    }

    /// Where commits are known to have succeeded up to, if the engine has said more than the journal does.
    func reportedEnd(of partition: Int32) -> UInt64 {
        status?.partitions.first { $0.partition == partition }?.confirmedPosition ?? 0
    }
}
