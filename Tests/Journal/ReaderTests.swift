import Foundation
import Synchronization
import Testing

@testable import Journal

@Suite struct ReaderTests {
    let scratch = Scratch()

    @Test func aReaderBesideTheWriterSeesEveryFrameOnceAndWhole() throws {
        let frames = 3000
        let journal = try open(scratch)
        let failures = Mutex<[String]>([])
        let directory = scratch.shard
        let group = DispatchGroup()
        for _ in 0..<2 {
            DispatchQueue.global().async(group: group) {
                do {
                    let reader = try JournalReader(directory: directory, fileSystem: disk)
                    var count = 0
                    let deadline = Date(timeIntervalSinceNow: 60)
                    while count < frames && Date() < deadline {
                        guard let frame = try reader.next() else { continue }
                        let seen = try look(at: frame)
                        guard seen.body.hasPrefix("\(count) "), seen.personal == ["person \(count)"] else {
                            throw MalformedBytes(.invalidText, offset: count)
                        }
                        count += 1
                    }
                    if count < frames { failures.withLock { $0.append("only \(count) frames came") } }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        for number in 0..<frames {
            try journal.append(
                "\(number) " + String(repeating: "z", count: number % 700), personal: ["person \(number)"])
            if number % 100 == 0 { try journal.sync() }
        }
        group.wait()
        #expect(failures.withLock { $0 } == [])
    }

    @Test func readingBeginsAtAnyHeadAndChecksItsHash() throws {
        let journal = try open(scratch)
        var heads = [journal.head]
        for number in 0..<100 {
            try journal.append("\(number)" + String(repeating: "x", count: 500))
            heads.append(journal.head)
        }
        for (index, head) in heads.enumerated() {
            #expect(try readAll(scratch, from: head.position, hash: head.hash).count == 100 - index)
            #expect(try readAll(scratch, from: head.position).count == 100 - index)
        }
        #expect(code { _ = try readAll(scratch, from: heads[50].position, hash: heads[49].hash) } == .diverged)
    }

    @Test func aFrameTellsWhatWasConfirmedWhenItWasWritten() throws {
        let journal = try open(scratch)
        try journal.append("one")
        try journal.sync()
        let one = Confirmation(position: journal.head.position, hash: journal.head.hash, offset: 1)
        journal.confirm(one)
        try journal.append("two")
        let reader = try JournalReader(directory: scratch.shard, fileSystem: disk)
        #expect(try reader.next()?.confirmed == Confirmation.none)
        #expect(try reader.confirmation() == .none)
        #expect(try reader.next()?.confirmed == one)
        #expect(try reader.confirmation() == one)
        #expect(try reader.next() == nil)
        try journal.append("three")
        #expect(try reader.next().map { String(decoding: $0.body, as: UTF8.self) } == "three")
    }

    @Test func lessVerificationStillFindsWhatItCovers() throws {
        let journal = try open(scratch)
        let position = try journal.append("body", personal: ["someone"])[0]
        try journal.sync()
        try journal.append("after")
        let name = SegmentName.of(4096)
        let content = try scratch.bytes(name)
        func read(_ verification: JournalReader.Verification) throws {
            let reader = try JournalReader(directory: scratch.shard, fileSystem: disk, verification: verification)
            while try reader.next() != nil {}
        }
        var personal = content
        personal[Int(position - 4096) + PersonalRecord.overhead] ^= 1
        try scratch.write(personal, to: name)
        #expect(code { try read(.checksum) } == nil)
        #expect(code { try read(.chain) } == nil)
        #expect(code { try read(.everything) } == .damaged)
        let reader = try JournalReader(directory: scratch.shard, fileSystem: disk, verification: .checksum)
        let frame = try #require(try reader.next())
        #expect(code { _ = try frame.personal(at: position) } == .damaged)
        #expect(code { _ = try frame.personal(at: position + 1) } == .damaged)

        var body = content
        body[Int(position - 4096) + PersonalRecord.overhead + 7 + FrameHeader.digestEntryBytes] ^= 1
        try scratch.write(body, to: name)
        for verification in [JournalReader.Verification.checksum, .chain, .everything] {
            #expect(code { try read(verification) } == .damaged)
        }
    }

    @Test func aFolderWithoutAJournalIsReported() throws {
        #expect(code { _ = try readAll(scratch) } == .notFound)
    }
}
