import DiskTestSupport
import Foundation
import Testing

@testable import Journal

@Suite struct DataDirectoryTests {
    let scratch = Scratch()
    var path: String { scratch.path + "/data" }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func keyAndNameAreDrawnOnceAndKept() throws {
        let first = try DataDirectory.open(path, fileSystem: disk)
        #expect(first.key.count == 32)
        #expect(first.key.contains { $0 != 0 })
        #expect(first.instance.hasPrefix("winback-"))
        #expect(try first.shards() == [])
        first.close()
        let second = try DataDirectory.open(path, fileSystem: disk)
        #expect(second.key == first.key)
        #expect(second.instance == first.instance)
        let other = try DataDirectory.open(scratch.path + "/other", fileSystem: disk)
        #expect(other.key != first.key)
        #expect(other.instance != first.instance)
    }

    @Test func everyFlippedBitOfTheKeyIsDetected() throws {
        try DataDirectory.open(path, fileSystem: disk).close()
        for name in ["key", "key.check"] {
            let url = URL(fileURLWithPath: "\(path)/\(name)")
            let original = try Data(contentsOf: url)
            for bit in 0..<original.count * 8 {
                var damaged = original
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                try damaged.write(to: url)
                #expect(code { _ = try DataDirectory.open(path, fileSystem: disk) } == .keyLost, "\(name), bit \(bit)")
                #expect(code { _ = try DataDirectory.openForReading(path, fileSystem: disk) } == .keyLost)
            }
            try original.write(to: url)
        }
        try DataDirectory.open(path, fileSystem: disk).close()
    }

    @Test func aKeyOfAnOlderVersionGetsItsCheck() throws {
        let first = try DataDirectory.open(path, fileSystem: disk)
        first.close()
        try disk.remove(path + "/key.check")
        let second = try DataDirectory.open(path, fileSystem: disk)
        #expect(second.key == first.key)
        second.close()
        #expect(try disk.exists(path + "/key.check"))
    }

    @Test func groupAndTopicsAreKept() throws {
        let first = try DataDirectory.open(path, fileSystem: disk)
        #expect(try first.group() == nil)
        #expect(try first.eventTopics() == nil)
        try first.setGroup("winback")
        try first.setEventTopics(["checkout-events", "leads"])
        first.close()
        let second = try DataDirectory.open(path, fileSystem: disk)
        #expect(try second.group() == "winback")
        #expect(try second.eventTopics() == ["checkout-events", "leads"])
    }

    @Test func onlyItsOwnerMayLookIntoIt() throws {
        let directory = try DataDirectory.open(path, fileSystem: disk)
        #expect(try mode(path) == 0o700)
        #expect(try mode(path + "/shards") == 0o700)
        #expect(try mode(path + "/key") == 0o600)
        _ = try ShardJournal.open(directory: directory.shardPath(3), fileSystem: disk, settings: small)
        #expect(try directory.shards() == [3])
        #expect(try mode(path + "/shards/3") == 0o700)
    }

    @Test func aSecondWriterIsToldWhoHasItAndAReaderIsNotRefused() throws {
        let first = try DataDirectory.open(path, fileSystem: disk)
        do {
            _ = try DataDirectory.open(path, fileSystem: disk)
            Issue.record("two writers")
        } catch let error as JournalError {
            #expect(error.code == .locked)
            #expect("\(error)".contains("process \(ProcessInfo.processInfo.processIdentifier)"))
        }
        let reader = try DataDirectory.openForReading(path, fileSystem: disk)
        #expect(reader.instance == first.instance)
        first.close()
        _ = try DataDirectory.open(path, fileSystem: disk)
    }

    @Test func aNewerFormatIsRefused() throws {
        try DataDirectory.open(path, fileSystem: disk).close()
        try Data("winback data 2\n".utf8).write(to: URL(fileURLWithPath: path + "/format"))
        #expect(code { _ = try DataDirectory.open(path, fileSystem: disk) } == .newerFormat)
        #expect(code { _ = try DataDirectory.openForReading(path, fileSystem: disk) } == .newerFormat)
        try Data("something\n".utf8).write(to: URL(fileURLWithPath: path + "/format"))
        #expect(code { _ = try DataDirectory.open(path, fileSystem: disk) } == .notOurs)
    }

    @Test func aFolderOfSomeoneElseIsLeftAlone() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data("hello".utf8).write(to: URL(fileURLWithPath: path + "/thesis.tex"))
        #expect(code { _ = try DataDirectory.open(path, fileSystem: disk) } == .notOurs)
        #expect(try disk.list(path) == ["thesis.tex"])
    }

    @Test func aLostKeyIsExplainedAndNotMadeAnew() throws {
        try DataDirectory.open(path, fileSystem: disk).close()
        try disk.remove(path + "/key")
        #expect(code { _ = try DataDirectory.open(path, fileSystem: disk) } == .keyLost)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path + "/key"))
        #expect(code { _ = try DataDirectory.open(path, fileSystem: disk) } == .keyLost)
        #expect(try disk.list(path).contains("key"))
    }

    @Test func readingWhatIsNotThereIsReported() {
        #expect(code { _ = try DataDirectory.openForReading(path, fileSystem: disk) } == .notFound)
    }

    @Test func aFirstStartThatIsInterruptedAnywhereIsDoneAgain() throws {
        for seed in 0..<5 as Range<UInt64> {
            var calls = 0
            while try isInterrupted(after: calls, seed: seed) { calls += 1 }
            #expect(calls > 10)
        }
    }

    /// Starts on a disk whose power fails after so many calls, and once more.
    ///
    /// - Returns: whether that was before the first start had ended.
    private func isInterrupted(after calls: Int, seed: UInt64) throws -> Bool {
        let fortune = Fortune(seed: seed)
        let disk = SimulatedDisk(fortune)
        fortune.powerFailsAt = calls + 1
        var first: DataDirectory?
        do { first = try DataDirectory.open("data", fileSystem: disk) } catch is Death {}
        disk.losePower()
        fortune.revive()
        let second = try DataDirectory.open("data", fileSystem: disk)
        if let first { #expect(second.key == first.key && second.instance == first.instance) }
        return first == nil
    }
}
