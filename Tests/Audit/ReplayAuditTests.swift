import Journal
import Journey
import RandomTestSupport
import Testing

@testable import Audit
@testable import Engine

@Suite("A replay") struct ReplayAuditTests {
    private func replay(_ harness: AuditHarness) throws -> ReplayAudit.Shard {
        // The next frame tells that the last one was committed.
        try harness.message(nil)
        try harness.message(nil)
        return try ReplayAudit(try harness.source()).run(keepsCommands: true)[0]
    }

    @Test func findsEveryDecisionAndCommandTheSame() throws {
        let harness = try AuditHarness()
        let start = AuditHarness.start
        try harness.event("checkout.started", "ann", firstName: "Ann", at: start)
        try harness.event("sales-lead.created", "bob", at: start)
        try harness.event("checkout.updated", "ann", at: start + .minutes(5))
        try harness.tick(start + .hours(2))
        try harness.event("checkout.completed", "ann", at: start + .hours(3))
        try harness.event("offer.created", "bob", at: start + .hours(4))
        try harness.tick(start + .hours(17))
        let shard = try replay(harness)
        #expect(shard.differences == [])
        #expect(shard.tally.sameCommands == harness.reminders.count)
        #expect(harness.reminders.count == 2)
        #expect(shard.tally.inputs == 5)
    }

    /// What a journal says is compared with what is decided now, not with itself.
    @Test func ofAnotherDecisionSaysWhatDiffers() throws {
        let harness = try AuditHarness()
        for number in 0..<3 { try harness.event("checkout.started", "p-\(number)") }
        try harness.tick(AuditHarness.start + .hours(2))
        try harness.message(nil)
        try harness.message(nil)
        let path = harness.directory + "/shards/0"
        let source = try harness.source()
        // Commands that name another source have other bytes.
        let replay = try JournalReplay(source.directory, partition: 0, commandSource: "winback/another")
        // A frame that is left out: what it opened is not known.
        let lacking = try JournalReplay(source.directory, partition: 0, commandSource: "winback/winback")
        let reader = try JournalReader(directory: path, fileSystem: POSIXFileSystem())
        var frames = 0
        while let frame = try reader.next() {
            frames += 1
            try replay.replay(frame)
            if frames != 2 { try lacking.replay(frame) }
        }
        replay.finish()
        #expect(replay.differences.map(\.what.isEmpty) == [false, false, false])
        #expect(replay.differences.allSatisfy { $0.what.contains("was published otherwise") })
        #expect(replay.tally.sameCommands == 0)
        #expect(lacking.differences.contains { $0.what.contains("of which nothing was due") })
    }

    @Test func ofATickThatLeftSomethingUndoneSaysSo() throws {
        let harness = try AuditHarness(maximumDuePerTick: 1)
        for number in 0..<3 { try harness.event("checkout.started", "p-\(number)") }
        _ = try harness.engine.tick(AuditHarness.start + .hours(2))
        try harness.event("checkout.completed", "p-0", at: AuditHarness.start + .hours(2))
        try harness.event("checkout.completed", "p-1", at: AuditHarness.start + .hours(2))
        try harness.event("checkout.completed", "p-2", at: AuditHarness.start + .hours(2))
        try harness.message(nil)
        let bounded = try ReplayAudit(try harness.source()).run(keepsCommands: false, maximumDuePerTick: 1)[0]
        #expect(bounded.differences == [])
        let shard = try ReplayAudit(try harness.source()).run(keepsCommands: false)[0]
        #expect(shard.differences.contains { $0.what.contains("did not decide what was due") })
    }

    @Test(arguments: UInt64(1)...12)
    func ofARandomHistoryDiffersInNothing(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let harness = try AuditHarness()
        var now = AuditHarness.start
        let types = [
            "checkout.started", "checkout.updated", "checkout.completed", "sales-lead.created", "offer.created",
            "policy.issued", "payment.pending", "payment.failed", "lead.cancelled", "contact.opted-out",
            "contact.opted-in", "contact.erasure-requested",
        ]
        for _ in 0..<400 {
            now = now + Span(milliseconds: Int64.random(in: 0...7_200_000, using: &random))
            switch Int.random(in: 0..<20, using: &random) {
            case 0: try harness.message(nil, at: now)
            case 1: try harness.message(Array("{".utf8), at: now)
            case 2...5: try harness.tick(now)
            case 6: try harness.reopen()
            default:
                // Many of the first kinds, few of the last.
                let type = types[min(Int.random(in: 0..<12, using: &random), Int.random(in: 0..<12, using: &random))]
                let late = Span(milliseconds: random.chance(20) ? Int64.random(in: 0...86_400_000, using: &random) : 0)
                try harness.event(
                    type, "p-\(Int.random(in: 0..<12, using: &random))",
                    product: random.chance(80) ? "gold" : random.chance(50) ? "silver" : nil,
                    firstName: random.chance(40) ? "N\(Int.random(in: 0..<3, using: &random))" : nil,
                    consent: random.chance(10) ? false : nil, at: now - late)
            }
        }
        try harness.tick(now + .days(4))
        let shard = try replay(harness)
        #expect(shard.differences == [], "seed \(seed)")
        #expect(shard.tally.commands == harness.reminders.count, "seed \(seed)")
        #expect(shard.tally.sameCommands == shard.tally.commands, "seed \(seed)")
        #expect(shard.commands.count == harness.reminders.count)
    }
}
