/// Reads a topic, from its first records or its newest ones to where it ends now, as a `read_committed` consumer sees it.
public struct TopicScan: Sendable {
    public let topic: String
    /// Per partition: the first offset that the topic still holds.
    public let beginnings: [Int32: Int64]
    /// Per partition: its end, open transactions included.
    public let ends: [Int32: Int64]
    private let settings: KafkaSettings
    private let group: String

    private static let callMilliseconds: Int32 = 10_000
    private static let pollMilliseconds: Int32 = 200
    private static let batchMessages = 1_000
    /// How long nothing may come before the scan is given up: longer than a transaction may stay open.
    private static let silenceMilliseconds: Int32 = 30_000

    /// Asks where the topic begins and ends. `nil`: there is no such topic.
    ///
    /// - Parameter group: a name for the consumer; no offset is committed under it.
    public init?(topic: String, settings: KafkaSettings, group: String) throws(KafkaError) {
        self.topic = topic
        self.settings = settings
        self.group = group
        let reader = try ClusterReader(settings: settings)
        defer { reader.close() }
        let count: Int32
        do throws(KafkaError) {
            count = try reader.partitionCount(of: topic, timeoutMilliseconds: Self.callMilliseconds)
        } catch {
            guard error.code == .topicMissing else { throw error }
            return nil
        }
        let partitions = (0..<count).map { TopicPartition(topic, $0) }
        func byNumber(_ offsets: [TopicPartition: Int64]) -> [Int32: Int64] {
            Dictionary(uniqueKeysWithValues: offsets.map { ($0.key.partition, $0.value) })
        }
        beginnings = byNumber(
            try reader.earliestOffsets(of: partitions, timeoutMilliseconds: Self.callMilliseconds))
        ends = byNumber(try reader.endOffsets(of: partitions, timeoutMilliseconds: Self.callMilliseconds))
    }

    /// Hands out every message: the batch, and the message's place in it. `progress` hears how many there were so far.
    ///
    /// - Parameter waitsForTransactions: whether the end is where it was when the scan was made, behind every transaction
    ///   that was open then; otherwise it is where the first of these begins.
    /// - Parameter newest: how many offsets of each partition are read at most; `nil`: all.
    public func read(
        waitsForTransactions: Bool, newest: Int64? = nil, progress: (Int) -> Void = { _ in },
        _ visit: (MessageBatch, Int) throws -> Void
    ) throws {
        let consumer = try KafkaConsumer(settings: settings, groupID: group, groupInstanceID: nil)
        defer { consumer.close() }
        var open = Set(ends.keys.filter { ends[$0] != beginnings[$0] })
        guard !open.isEmpty else { return }
        try consumer.assign(
            alone: open.map { partition in
                let (first, end) = (beginnings[partition] ?? 0, ends[partition] ?? 0)
                return PartitionOffset(
                    TopicPartition(topic, partition), offset: newest.map { max(first, end - $0) } ?? first)
            })
        let batch = MessageBatch(capacity: Self.batchMessages)
        defer { batch.release() }
        var count = 0
        var silentMilliseconds: Int32 = 0
        while !open.isEmpty {
            try consumer.poll(into: batch, timeoutMilliseconds: Self.pollMilliseconds)
            let isSilent = batch.isEmpty && batch.endCount == 0
            silentMilliseconds = isSilent ? silentMilliseconds + Self.pollMilliseconds : 0
            guard silentMilliseconds < Self.silenceMilliseconds else { throw unread(silentMilliseconds) }
            for index in 0..<batch.count { try visit(batch, index) }
            for index in 0..<batch.endCount {
                let end = batch.end(index)
                if !waitsForTransactions || end.offset >= ends[end.partition] ?? 0 { open.remove(end.partition) }
            }
            count += batch.count
            progress(count)
        }
    }

    private func unread(_ milliseconds: Int32) -> KafkaError {
        KafkaError(
            code: .timedOut,
            message: """
                \(topic) could not be read to its end: nothing came for \(milliseconds / 1000) s. Either no broker answers, or \
                a producer holds a transaction open there
                """)
    }
}
