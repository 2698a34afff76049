import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Records

@testable import Engine

/// Time that goes on by what is waited for.
final class SteppedTime: TimeSource, @unchecked Sendable {
    // Unchecked, because there is one thread.
    private var passed: Int64 = 0
    var wall: Instant { OfflineHarness.start - .minutes(1) + Span(milliseconds: passed) }
    var bootMilliseconds: Int64 { passed }
    var rate: Double { 1 }
    func pause(milliseconds: Int, unless stop: StopSignal) { advance(Int64(milliseconds)) }
    func advance(_ milliseconds: Int64) { passed += milliseconds }
}

/// One partition, with one checkout in it unless a test says otherwise, for an engine that runs on one thread. What happens
/// to the engine's clients is set before the run.
final class ScriptedCluster: Broker, BrokerConsumer, BrokerProducer, BrokerReader, @unchecked Sendable {
    // Unchecked, because there is one thread.
    let time = SteppedTime()
    private var isEnough: () -> Void = {}
    private(set) var published: [(value: Data, committedAt: Instant)] = []
    /// How long the first transaction with a reminder takes before its commit is asked for.
    var delayMilliseconds: Int64 = 0
    /// What became of the first transaction with a reminder, whose commit gets no answer.
    var lostAnswer: Outcome?
    enum Outcome: CaseIterable { case committed, aborted }
    /// What the group says behind the checkout.
    var rebalanceBehindTheCheckout: Rebalance?

    /// What the engine does that others notice.
    enum Call: Equatable { case subscribe, checkout, unassign, commit, abort }
    private(set) var calls: [Call] = []
    /// How many reminders the journal says were sent.
    private(set) var requested = 0

    private var position: Int64?
    private var rebalance: Rebalance?
    private var open: (values: [Data], offsets: [PartitionOffset]) = ([], [])
    private var stored: [TopicPartition: PartitionOffset] = [:]

    private static let place = TopicPartition("checkout-events", 0)
    private static let patience = Span.minutes(10)

    /// A message of the partition: when the broker acknowledges it, and from when on a reader of committed messages is shown
    /// it.
    struct Message {
        var type: String
        var at: Instant
        var shownAt: Instant

        fileprivate var value: String {
            #"{"specversion":"1.0","id":"\#(type)","source":"/shop","type":"\#(type)","time":"\#(text)","data":{"prospect":{"id":"p","email":"p@example.com"}}}"#
        }

        private var text: String { Date(timeIntervalSince1970: Double(at.milliseconds) / 1000).ISO8601Format() }
    }

    var messages = [
        Message(type: "checkout.started", at: OfflineHarness.start, shownAt: OfflineHarness.start)
    ]

    static let yaml = """
        kafka: {bootstrap.servers: "nowhere:9092"}
        instance: one
        templates: [spot-saved]
        policies:
          - {name: left, opensOn: [checkout.started], convertsOn: [checkout.completed], steps: [{after: 1m, template: spot-saved}]}
        """

    /// Runs an engine until it has published a reminder, or for ten minutes of its time, on a data directory of its own.
    func run() throws -> Configuration {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = try Configuration.parse(text: Self.yaml)
        configuration.data = path
        var options = EngineOptions()
        options.hasOneThread = true
        options.isAlone = true
        options.journal = JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10)
        let engine = Engine(
            configuration: configuration, options: options, broker: self, time: time, fileSystem: POSIXFileSystem(),
            log: .silent)
        isEnough = { engine.stop.request() }
        try engine.run()
        requested = try requestedReminders(configuration.data)
        return configuration
    }

    private func requestedReminders(_ data: String) throws -> Int {
        let reader = try JournalReader(directory: "\(data)/shards/0", fileSystem: POSIXFileSystem())
        var count = 0
        while let frame = try reader.next() {
            var records = try RecordReader(frame.body, position: frame.position)
            while let record = try records.next() {
                if case .fact(.reminderRequested) = record { count += 1 }
            }
        }
        return count
    }

    func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer { self }
    func makeProducer(
        transactionalID: String, topics: [String], maximumBatchBytes: Int?
    ) throws -> any BrokerProducer { self }
    func makeReader() throws -> any BrokerReader { self }
    func scan(
        _ topic: String, group: String, progress: (Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
    ) throws -> [Int32: Int64]? { nil }

    func subscribe() throws {
        calls.append(.subscribe)
        rebalance = .assigned([Self.place])
    }
    func poll(into batch: MessageBatch, maximum: Int, timeoutMilliseconds: Int32) throws {
        batch.release()
        time.advance(200)
        if !published.isEmpty || time.wall > OfflineHarness.start + Self.patience { isEnough() }
        guard var position else { return }
        while Int(position) < messages.count, messages[Int(position)].shownAt <= time.wall {
            show(position, in: batch)
            position += 1
            batch.appendEnd(topicIndex: 0, partition: 0, offset: position)
        }
        self.position = position
    }

    private func show(_ offset: Int64, in batch: MessageBatch) {
        let message = messages[Int(offset)]
        if message.type == "checkout.started" {
            calls.append(.checkout)
            rebalance = rebalanceBehindTheCheckout
            rebalanceBehindTheCheckout = nil
        }
        Array(message.value.utf8).withUnsafeBytes {
            _ = batch.append(
                topicIndex: 0, partition: 0, offset: offset, timestampMilliseconds: message.at.milliseconds, key: nil,
                value: $0)
        }
    }

    func takeRebalance() -> Rebalance? {
        defer { rebalance = nil }
        return rebalance
    }
    func assign(_ offsets: [PartitionOffset]) throws { position = offsets.first?.offset }
    func unassign() throws {
        calls.append(.unassign)
        position = nil
    }
    func committed(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [CommittedOffset] {
        partitions.map {
            CommittedOffset(partition: $0, offset: stored[$0]?.offset, metadata: stored[$0]?.metadata)
        }
    }
    func commit(_ offsets: [PartitionOffset], timeoutMilliseconds: Int32) throws {
        for offset in offsets { stored[offset.partition] = offset }
    }
    var connection: KafkaConnection { .good }
    var memberID: String? { "ours" }
    private final class Membership: BrokerGroupMetadata {}
    func groupMetadata() throws -> any BrokerGroupMetadata { Membership() }

    func initTransactions(timeoutMilliseconds: Int32) throws { open = ([], []) }
    func begin() throws { open = ([], []) }
    func send(
        topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [MessageHeader],
        timestampMilliseconds: Int64?
    ) throws {
        if let value { open.values.append(Data(value)) }
    }
    func sendOffsets(
        _ offsets: [PartitionOffset], of group: any BrokerGroupMetadata, timeoutMilliseconds: Int32
    ) throws {
        open.offsets += offsets
        guard !open.values.isEmpty else { return }
        time.advance(delayMilliseconds)
        delayMilliseconds = 0
    }
    func commit(timeoutMilliseconds: Int32) throws {
        calls.append(.commit)
        let isLost = lostAnswer != nil && !open.values.isEmpty
        if !isLost || lostAnswer == .committed {
            for offset in open.offsets { stored[offset.partition] = offset }
            published += open.values.map { ($0, time.wall) }
        }
        guard isLost else { return }
        lostAnswer = nil
        throw KafkaError(code: .outcomeUnknown, message: "the commit has no answer")
    }
    func abort(timeoutMilliseconds: Int32) throws {
        calls.append(.abort)
        open = ([], [])
    }

    func endOffsets(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [TopicPartition: Int64] {
        [Self.place: Int64(messages.count { $0.at <= time.wall })]
    }
    func beginningOffsets(
        _ partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws -> [TopicPartition: Int64] { [Self.place: 0] }
    func partitionCount(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? { 1 }
    func maximumMessageBytes(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? { nil }
    func groupMembers(_ group: String, timeoutMilliseconds: Int32) throws -> [GroupMember] { [] }
    func record(
        at partition: TopicPartition, offset: Int64, into batch: MessageBatch, timeoutMilliseconds: Int32
    ) throws -> Bool { false }
    func close() {}
}
