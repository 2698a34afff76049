import Configuration
import Kafka
import Testing

@testable import Engine

/// Whether messages lie where their keys belong.
struct PartitionCheckTests {
    private static let count: Int32 = 12

    private static func partition(_ key: String, _ partitioner: PlainProducer.Partitioner) -> Int32 {
        Array(key.utf8).withUnsafeBytes { partitioner.partition(of: $0, among: count) ?? -1 }
    }

    private static func isStray(_ check: inout PartitionCheck, _ key: String, in partition: Int32) -> Bool {
        Array(key.utf8).withUnsafeBytes { check.isStray($0, in: partition) }
    }

    /// Keys that the two partitioners put into different partitions.
    private static let keys = (0..<400).map { "p-\($0)" }.filter { partition($0, .murmur2) != partition($0, .crc32) }

    @Test func aNamedPartitionerIsAskedForEveryKey() {
        for (named, own, other) in [
            (Topics.Partitioner.murmur2, PlainProducer.Partitioner.murmur2, PlainProducer.Partitioner.crc32),
            (.crc32, .crc32, .murmur2),
        ] {
            var check = PartitionCheck(partitioner: named, partitionCount: Int(Self.count))
            #expect(Self.keys.allSatisfy { !Self.isStray(&check, $0, in: Self.partition($0, own)) })
            #expect(check.strays == 0)
            #expect(Self.keys.allSatisfy { Self.isStray(&check, $0, in: Self.partition($0, other)) })
            #expect(check.strays == UInt64(Self.keys.count))
        }
    }

    @Test func whichPartitionerIsUsedIsLearned() {
        for (name, used) in [("murmur2", PlainProducer.Partitioner.murmur2), ("crc32", .crc32)] {
            var check = PartitionCheck(partitioner: .auto, partitionCount: Int(Self.count))
            for key in Self.keys { #expect(!Self.isStray(&check, key, in: Self.partition(key, used))) }
            #expect(check.partitionerName == name && check.strays == 0)
            let other: PlainProducer.Partitioner = used == .murmur2 ? .crc32 : .murmur2
            #expect(Self.isStray(&check, Self.keys[0], in: Self.partition(Self.keys[0], other)))
        }
    }

    @Test func aMixIsCountedAlsoWhileLearning() {
        var check = PartitionCheck(partitioner: .auto, partitionCount: Int(Self.count))
        for (i, key) in Self.keys.enumerated() {
            _ = Self.isStray(&check, key, in: Self.partition(key, i % 4 == 0 ? .crc32 : .murmur2))
        }
        #expect(check.partitionerName == "murmur2")
        #expect(check.strays == UInt64((Self.keys.count + 3) / 4))
    }

    @Test func nothingIsSaidWhereThereIsNothingToCompare() {
        for check in [
            PartitionCheck(partitioner: .any, partitionCount: 12),
            PartitionCheck(partitioner: .auto, partitionCount: 1),
            PartitionCheck(partitioner: .murmur2, partitionCount: 1),
        ] {
            var check = check
            #expect(!Self.isStray(&check, "p-1", in: 0) && !Self.isStray(&check, "p-1", in: 7))
        }
        var check = PartitionCheck(partitioner: .murmur2, partitionCount: 12)
        #expect(!check.isStray(nil, in: 3) && !Self.isStray(&check, "", in: 3))
        #expect(check.strays == 0)
    }
}
