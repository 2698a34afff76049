import Journal
import Kafka
import Terminal

/// Where a file's events go.
protocol EventSink: AnyObject {
    func send(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer) throws
    /// Everything up to here was sent, or refused.
    func note(_ progress: FileProgress) throws
    /// Nothing is due for a while.
    func rest() throws
}

/// Sends at once; an interruption leaves open what was acknowledged.
final class PlainSink: EventSink {
    let producer: PlainProducer
    private let topic: String

    init(_ producer: PlainProducer, topic: String) {
        self.producer = producer
        self.topic = topic
    }

    func send(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer) throws {
        try producer.send(topic: topic, key: key, value: value)
    }

    func note(_ progress: FileProgress) {}

    func rest() { producer.serve() }
}

/// Sends in transactions that also hold how far the file has come, so that a run that was interrupted, however, is gone on
/// with where it was: nothing is left out, and nothing is visible twice to a `read_committed` consumer.
///
/// The ledger is a consumer group without members: its offset for the topic's first partition is the number of lines that
/// are done, and its metadata a digest of these lines. So nothing but the broker has to be trusted or cleaned up.
final class LedgerSink: EventSink {
    static let version = "winback-publish/1"
    /// Events of one transaction.
    private static let transactionEvents = 1_000
    private static let callMilliseconds: Int32 = 10_000

    /// What was done before; nil: nothing.
    let done: FileProgress?
    private let producer: TransactionalProducer
    private let topic: String
    private let group: String
    private var isOpen = false
    private var pending = 0
    private var noted: FileProgress?
    private var committed: FileProgress?

    init(
        settings: KafkaSettings, topic: String, name: String, group: String, partitioner: PlainProducer.Partitioner
    ) throws {
        self.topic = topic
        self.group = "\(group)-publish-\(name)"
        producer = try TransactionalProducer(
            settings: settings, transactionalID: self.group, partitioner: partitioner)
        // Before the ledger is read: another run under this name is fenced, and what it left open is aborted.
        try producer.initTransactions(timeoutMilliseconds: 3 * Self.callMilliseconds)
        done = try Self.read(settings, topic, self.group, name)
        committed = done
    }

    private static func read(
        _ settings: KafkaSettings, _ topic: String, _ group: String, _ name: String
    ) throws -> FileProgress? {
        let consumer = try KafkaConsumer(settings: settings, groupID: group, groupInstanceID: nil)
        defer { consumer.close() }
        let found = try consumer.committed([TopicPartition(topic, 0)], timeoutMilliseconds: callMilliseconds)
        guard let offset = found.first?.offset else { return nil }
        let parts = (found.first?.metadata ?? "").split(separator: " ")
        guard parts.count == 2, parts[0] == version, let digest = FrameHash(hex: parts[1]) else {
            throw CommandError(
                .permission,
                "group \(group) holds an offset that is not of `winback publish`: use another name than \(name)")
        }
        return FileProgress(lines: Int(offset), digest: digest)
    }

    func send(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer) throws {
        try begin()
        try producer.send(topic: topic, key: key, value: value)
        pending += 1
    }

    func note(_ progress: FileProgress) throws {
        noted = progress
        if pending >= Self.transactionEvents { try commit() }
    }

    /// A transaction that stayed open would hold all readers of the topic back.
    func rest() throws { if isOpen { try commit() } }

    /// Commits what was sent since the last commit, and how far the file has been read.
    func commit() throws {
        guard let noted, noted != committed else { return }
        try begin()
        try producer.sendOffsets(
            [
                PartitionOffset(
                    TopicPartition(topic, 0), offset: Int64(noted.lines), metadata: "\(Self.version) \(noted.digest)")
            ], group: GroupMetadata(memberlessGroup: group), timeoutMilliseconds: Self.callMilliseconds)
        try producer.commit(timeoutMilliseconds: Self.callMilliseconds)
        committed = noted
        isOpen = false
        pending = 0
    }

    private func begin() throws {
        guard !isOpen else { return }
        try producer.begin()
        isOpen = true
    }

    func close() { producer.close() }
}
