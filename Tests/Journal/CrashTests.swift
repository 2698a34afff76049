import DiskTestSupport
import RandomTestSupport
import Testing

@testable import Journal

/// Histories of a shard in which power is lost at a random operation, again and again.
@Suite struct CrashTests {
    /// What the history must be after a crash.
    struct Model {
        var heads = [JournalHead.start]
        var bodies: [String] = []
        /// The number of frames that were durable, and confirmed, for certain.
        var durable = 0
        var confirmed = 0
        /// The number of frames a cut that was under way would leave.
        var cutting: Int?
    }

    @Test(arguments: 0..<40)
    func noCrashLosesADurableFrameOrLooksLikeDamage(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let fortune = Fortune(seed: seed &* 31)
        let disk = SimulatedDisk(fortune)
        var model = Model()
        for round in 0..<12 {
            fortune.powerFailsAt = fortune.operations + (round == 0 ? 60 : Int.random(in: 1...100, using: &random))
            do {
                try live(disk, &model, &random)
            } catch is Death {
            } catch {
                Issue.record("seed \(seed), round \(round): \(error)")
                return
            }
            disk.losePower()
            fortune.revive()
            do {
                try check(disk, &model)
            } catch {
                Issue.record("seed \(seed), round \(round): \(error)")
                return
            }
        }
    }

    @Test(arguments: 0..<20)
    func theFirstFrameThatWasSyncedIsThereAfterALossOfPower(seed: UInt64) throws {
        let disk = SimulatedDisk(Fortune(seed: seed))
        let journal = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        try journal.append("first")
        try journal.sync()
        disk.losePower()
        let again = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        #expect(again.head == journal.head)
    }

    /// The writer was killed before it could sync; what it had written is there as long as the power is.
    @Test(arguments: 0..<20)
    func whatAStartHasFoundIsThereAfterALossOfPower(seed: UInt64) throws {
        let disk = SimulatedDisk(Fortune(seed: seed))
        let killed = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        try killed.append(String(repeating: "x", count: 2000))
        disk.restart()
        let started = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        #expect(started.head == killed.head)
        disk.losePower()
        let again = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        #expect(again.head == started.head)
    }

    private func live(_ disk: SimulatedDisk, _ model: inout Model, _ random: inout SeededGenerator) throws {
        let journal = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        for step in 0..<200 {
            switch random.next() % 8 {
            case 0...3:
                let body = "\(step) " + String(repeating: "x", count: Int(random.next() % 3000))
                try journal.beginFrame()
                let personal = Array("someone".utf8).withUnsafeBytes { journal.appendPersonal($0) }
                journal.body.appendPrefixed(body)
                journal.body.appendVarint(personal)
                // A frame whose write failed may be there after the crash all the same.
                model.bodies.append(body)
                model.heads.append(JournalHead(position: 0, hash: .zero))
                model.heads[model.heads.count - 1] = try journal.appendFrame()
            case 4, 5:
                try journal.sync()
                model.durable = model.bodies.count
            case 6 where model.durable > model.confirmed:
                let head = model.heads[model.durable]
                journal.confirm(Confirmation(position: head.position, hash: head.hash, offset: Int64(model.durable)))
                model.confirmed = model.durable
                if random.next() % 2 == 0 { try journal.markCleanStop() }
                try snapshot(disk, head)
            case 7 where model.bodies.count > model.confirmed:
                let target = model.confirmed + Int(random.next() % UInt64(model.bodies.count - model.confirmed + 1))
                model.durable = min(model.durable, target)
                model.cutting = target
                try journal.cut(to: model.heads[target])
                model.shorten(to: target)
                model.cutting = nil
            default: break
            }
        }
    }

    private func snapshot(_ disk: SimulatedDisk, _ head: JournalHead) throws {
        let content = [UInt8](repeating: 7, count: 5000)
        try content.withUnsafeBytes { bytes in
            try SnapshotFile.write(
                directory: "shard", fileSystem: disk, at: head, stateVersion: 1, sections: [[bytes]])
        }
    }

    private func check(_ disk: SimulatedDisk, _ model: inout Model) throws {
        let journal = try ShardJournal.open(directory: "shard", fileSystem: disk, settings: inOneThread)
        let reader = try JournalReader(directory: "shard", fileSystem: disk)
        var count = 0
        while let frame = try reader.next(knownEnd: journal.head.position) {
            var body = ByteReader(frame.body)
            try #require(count < model.bodies.count)
            #expect(try body.readPrefixedText() == model.bodies[count])
            #expect(try frame.personal(at: body.readVarint()).bytes?.count == 7)
            count += 1
            model.heads[count] = frame.head
        }
        try #require(reader.head == journal.head)
        try #require(count >= model.durable)
        #expect(journal.confirmed.position <= model.heads[model.confirmed].position)
        try SnapshotFile.withNewest(in: "shard", disk, atOrBelow: journal.head.position) {
            Issue.record("\($0.path): \($1)")
        } _: { snapshot in
            #expect(snapshot.head.position <= model.heads[model.confirmed].position)
            #expect(snapshot.sections[0].allSatisfy { $0 == 7 })
        }
        model.shorten(to: count)
        model.cutting = nil
        // What was found is durable: it survives the next crash.
        model.durable = count
        try journal.close()
    }
}

extension CrashTests.Model {
    mutating func shorten(to count: Int) {
        heads.removeSubrange((count + 1)...)
        bodies.removeSubrange(count...)
    }
}
