import Configuration
import Kafka

/// Looks whether messages lie where the partitioner of their services puts their keys. Java's clients hash keys with
/// murmur2 and librdkafka's with CRC-32: two services with two partitioners scatter one prospect over two partitions.
///
/// One per worker.
struct PartitionCheck {
    /// What the configuration says, or what was learned.
    private var expected: PlainProducer.Partitioner?
    private let isLearning: Bool
    private let partitionCount: Int32
    /// Keys that only one of the two would have put where they are, until the one is known.
    private var evidence = (murmur2: 0, crc32: 0)
    /// Messages that lie elsewhere than the partitioner puts their keys.
    private(set) var strays: UInt64 = 0

    /// Keys that settle which partitioner is used. Until then a stray is not known to be one.
    private static let learnedFrom = 64

    /// - Parameter partitioner: with `any`, and on a single partition, nothing is looked at.
    init(partitioner: Topics.Partitioner, partitionCount: Int) {
        self.partitionCount = Int32(partitionCount)
        isLearning = partitioner == .auto && partitionCount > 1
        expected =
            switch partitioner {
            case .murmur2 where partitionCount > 1: .murmur2
            case .crc32 where partitionCount > 1: .crc32
            case .murmur2, .crc32, .auto, .any: nil
            }
    }

    /// The partitioner that was named or learned.
    var partitionerName: String? {
        guard let expected else { return nil }
        return (expected == .murmur2 ? Topics.Partitioner.murmur2 : .crc32).rawValue
    }

    /// Whether the message's key belongs into another partition, as far as is known.
    mutating func isStray(_ key: UnsafeRawBufferPointer?, in partition: Int32) -> Bool {
        guard expected != nil || isLearning, let key, !key.isEmpty else { return false }
        guard let expected else {
            learn(key, partition)
            return false
        }
        if expected.partition(of: key, among: partitionCount) == partition { return false }
        strays += 1
        return true
    }

    private mutating func learn(_ key: UnsafeRawBufferPointer, _ partition: Int32) {
        let isMurmur2 = PlainProducer.Partitioner.murmur2.partition(of: key, among: partitionCount) == partition
        let isCRC32 = PlainProducer.Partitioner.crc32.partition(of: key, among: partitionCount) == partition
        switch (isMurmur2, isCRC32) {
        case (true, false): evidence.murmur2 += 1
        case (false, true): evidence.crc32 += 1
        case (true, true): break
        case (false, false): strays += 1
        }
        guard max(evidence.murmur2, evidence.crc32) >= Self.learnedFrom else { return }
        expected = evidence.murmur2 >= evidence.crc32 ? .murmur2 : .crc32
        strays += UInt64(min(evidence.murmur2, evidence.crc32))
    }
}
