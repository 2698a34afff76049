import Configuration
import Foundation
import Journal
import Journey
import RandomTestSupport
import Testing

@testable import Audit
@testable import Engine

@Suite("Back-tests") struct BacktestTests {
    private static let start = AuditHarness.start

    /// One policy; `checkout` are its lines.
    private static func candidate(_ checkout: String) -> String {
        """
        templates: [spot-saved, act-now, last-call]
        policies:
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            reentry: {window: 7d}
        \(checkout.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
        """
    }

    private static func backtest(
        _ harness: AuditHarness, _ policies: String, _ period: Range<Instant> = .distantPast ..< .distantFuture,
        examples: Int = 5
    ) throws -> BacktestResult {
        // A frame tells of the commit before it.
        try harness.event("checkout.updated", "nobody")
        let proposed = try ProposedPolicies.parse(text: policies)
        return try Backtest(try harness.source(), proposed, period: period, examples: examples).run()
    }

    private static func checkout(_ result: BacktestResult) throws -> BacktestPolicy {
        try #require(result.policies.first { $0.name == "abandoned-checkout" })
    }

    // MARK: Given, when, then

    @Test func whoBuysWithinTheLongerWaitIsMailedNoMore() throws {
        let harness = try AuditHarness()
        for person in ["ann", "bob", "cid"] { try harness.event("checkout.started", person) }
        try harness.event("checkout.completed", "cid", at: Self.start + .minutes(30))
        try harness.tick(Self.start + .hours(1))
        try harness.event("checkout.completed", "ann", at: Self.start + .hours(2))
        try harness.tick(Self.start + .hours(26))
        let result = try Self.backtest(harness, Self.candidate("steps: [{after: 3h, template: spot-saved}]"))
        let policy = try Self.checkout(result)
        #expect(policy.recorded.steps.map(\.sent) == [2, 1])
        #expect(policy.recorded.steps.map(\.bought) == [1, 0])
        #expect(policy.recorded.boughtUnreminded == 1)
        #expect(policy.candidate.steps.map(\.sent) == [1])
        #expect(policy.candidate.boughtUnreminded == 2)
        #expect(policy.mailedByBoth == 1)
        #expect(policy.recordedExamples.map(\.prospectID) == ["ann"])
        #expect(policy.recordedExamples.map(\.email) == ["ann@example.com"])
        #expect(policy.candidateExamples.isEmpty)
        #expect(policy.mailsSaved == 1)
        #expect(result.limits.purchasesAfterOtherMails == 1)
        #expect(result.check == BacktestResult.Check(recorded: 3, same: 3, extra: 0))
    }

    @Test func whoBoughtBeforeAnyMailIsMailedByTheShorterWait() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann")
        // Nothing of the recorded policies happens in between, so the clock's times are not in the journal.
        try harness.event("checkout.completed", "ann", at: Self.start + .minutes(50))
        try harness.tick(Self.start + .minutes(50))
        try harness.event("checkout.started", "bob", at: Self.start + .minutes(50))
        try harness.event("checkout.started", "cid", at: Self.start + .minutes(52))
        try harness.tick(Self.start + .minutes(60))
        try harness.event("checkout.completed", "bob", at: Self.start + .minutes(61))
        let policy = try Self.checkout(
            try Self.backtest(harness, Self.candidate("steps: [{after: 5m, template: spot-saved}]")))
        // Ann's purchase was read under the clock at which her checkout began.
        #expect(policy.candidate.steps.map(\.sent) == [2])
        #expect(policy.candidate.steps.map(\.bought) == [1])
        #expect(policy.candidate.boughtUnreminded == 1)
        #expect(policy.candidateExamples.map(\.prospectID) == ["bob", "cid"])
        #expect(policy.candidateExamples.map(\.at) == [Self.start + .minutes(55), Self.start + .minutes(57)])
        #expect(policy.mailsAdded == 1)
    }

    @Test func aStepMoreIsSentToWhoeverIsLeft() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann")
        try harness.event("checkout.started", "bob")
        try harness.tick(Self.start + .hours(1))
        try harness.tick(Self.start + .hours(25))
        try harness.event("checkout.completed", "bob", at: Self.start + .hours(26))
        try harness.tick(Self.start + .days(8))
        try harness.event("checkout.started", "cid", at: Self.start + .days(8))
        let policy = try Self.checkout(
            try Self.backtest(
                harness,
                Self.candidate(
                    """
                    steps:
                      - {after: 1h, template: spot-saved}
                      - {after: 24h, from: previous, template: act-now}
                      - {after: 3d, from: previous, template: last-call}
                    """)))
        #expect(policy.recorded.steps.map(\.sent) == [2, 2])
        #expect(policy.candidate.steps.map(\.sent) == [2, 2, 1])
        #expect(policy.candidate.steps.map(\.template) == ["spot-saved", "act-now", "last-call"])
        #expect(policy.mailedByBoth == 2)
        #expect(policy.candidate.boughtWithinWeek == 1)
    }

    @Test func withoutConsentNothingIsSentWhereItIsRequired() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann", consent: true)
        try harness.event("checkout.started", "bob")
        try harness.tick(Self.start + .days(2))
        let policy = try Self.checkout(
            try Self.backtest(
                harness,
                Self.candidate("consent: required\nsteps: [{after: 1h, template: spot-saved, maxLateness: 3d}]")))
        #expect(policy.candidate.steps.map(\.sent) == [1])
        #expect(policy.candidate.skipped(.noConsent) == 1)
        #expect(policy.recordedExamples.map(\.prospectID) == ["bob"])
    }

    @Test func aScopeByProductOpensAJourneyForEach() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann", product: "gold")
        try harness.event("checkout.started", "ann", product: "silver", at: Self.start + .minutes(1))
        try harness.tick(Self.start + .hours(1))
        try harness.event("checkout.completed", "ann", product: "gold", at: Self.start + .hours(2))
        try harness.tick(Self.start + .days(2))
        let policy = try Self.checkout(
            try Self.backtest(
                harness, Self.candidate("scope: product\nanchor: opened\nsteps: [{after: 90m, template: spot-saved}]")))
        #expect(policy.recorded.opened == 1)
        #expect(policy.candidate.opened == 2)
        #expect(policy.recorded.bought == 1)
        #expect(policy.candidate.bought == 1)
    }

    @Test func thePeriodSaysWhoseJourneysCountAndTheTimeBeforeItIsKnown() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann")
        try harness.event("checkout.started", "ann", at: Self.start + .days(3))
        try harness.event("checkout.started", "bob", at: Self.start + .days(3))
        try harness.tick(Self.start + .days(4))
        try harness.event("checkout.started", "cid", at: Self.start + .days(5))
        try harness.tick(Self.start + .days(6))
        let period = Self.start + .days(2)..<Self.start + .days(5)
        let result = try Self.backtest(harness, AuditHarness.policies, period)
        let policy = try Self.checkout(result)
        // Ann is inside the window of a journey from before the period.
        #expect(policy.candidate.opened == 1)
        #expect(policy.recorded == policy.candidate)
        #expect(result.eventsInPeriod == 2)
        #expect(result.events == 4)
    }

    @Test func thoseWhoWereErasedAreCountedAndHaveNoName() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann")
        try harness.tick(Self.start + .hours(2))
        try harness.event("contact.erasure-requested", "ann", at: Self.start + .hours(3))
        try harness.tick(Self.start + .days(2))
        try Self.destroyRecords(harness)
        let result = try Self.backtest(harness, Self.candidate("steps: [{after: 2d, template: spot-saved}]"))
        let policy = try Self.checkout(result)
        #expect(policy.mailedByRecorded == 1)
        #expect(policy.recordedExamples.map(\.prospectID) == [""])
        #expect(policy.recordedExamples.map(\.email) == [""])
        #expect(policy.candidate.sent == 0)
        #expect(result.check.isSame)
    }

    /// Salt and data of every record become zeros, as after an erasure.
    private static func destroyRecords(_ harness: AuditHarness) throws {
        let source = try harness.source()
        let reader = try JournalReader(
            directory: source.directory.shardPath(0), fileSystem: source.fileSystem, verification: .everything)
        while let frame = try reader.next() {
            try frame.forEachPersonal { record in
                let file = try FileHandle(forWritingTo: URL(fileURLWithPath: frame.path))
                let begin = frame.fileOffset + record.position - frame.position
                try file.seek(toOffset: begin + UInt64(PersonalRecord.headerBytes))
                try file.write(contentsOf: Data(count: PersonalRecord.saltBytes + (record.bytes?.count ?? 0)))
                try file.close()
            }
        }
    }

    @Test func afterAnOutageTheTriedPoliciesKnowWhatWasReadFirst() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann", commits: false)
        try harness.event("checkout.started", "bob")
        try harness.tick(Self.start + .minutes(1))
        // A week passes before the engine reads again; ann's purchase is in the backlog.
        try harness.event("checkout.completed", "ann", at: Self.start + .hours(5))
        try harness.tick(Self.start + .days(7))
        let policy = try Self.checkout(
            try Self.backtest(harness, Self.candidate("steps: [{after: 3h, template: spot-saved}]")))
        #expect(policy.candidate.boughtUnreminded == 1)
        #expect(policy.recorded.skipped(.tooLate) == 1)
        // The clock stood from the moment at which bob's first reminder was due: his second can only be too late, too.
        #expect(policy.candidate.skipped(.tooLate) == 1)
        #expect(policy.candidate.sent == 0)
    }

    @Test func aFieldThatWasNeverReadIsTakenToBeThereAndNamed() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann", firstName: "Ann")
        try harness.tick(Self.start + .hours(2))
        let policies = Self.candidate(
            """
            steps: [{after: 1h, template: spot-saved}]
            command: {fields: {city: /data/city, name: /data/prospect/firstName}}
            """)
        let result = try Self.backtest(harness, policies)
        #expect(try Self.checkout(result).candidate.sent == 1)
        #expect(result.limits.unknownFields == ["/data/city"])
        // One that was read, and was not there, keeps the reminder back.
        let other = try AuditHarness()
        try other.event("checkout.started", "ann")
        try other.tick(Self.start + .hours(2))
        #expect(try Self.checkout(Self.backtest(other, policies)).candidate.skipped(.missingField) == 1)
    }

    @Test func aTenantThatNoRecordedPolicyAskedForIsReadFromTheRecords() throws {
        let harness = try AuditHarness()
        try harness.event("checkout.started", "ann", tenant: "academy")
        try harness.event("checkout.started", "bob", tenant: "school")
        try harness.tick(Self.start + .hours(2))
        let result = try Self.backtest(
            harness,
            Self.candidate("appliesTo: {tenants: [school]}\nsteps: [{after: 1h, template: spot-saved}]"))
        #expect(try Self.checkout(result).candidate.opened == 1)
        let mailed = try Self.checkout(result).recordedExamples.map(\.prospectID)
        #expect(mailed == ["ann"])
        #expect(result.limits.withoutTenant == 0)
    }

    @Test func aTypeThatNoRecordedPolicyReferredToOpensUnderTheTriedOnes() throws {
        let harness = try AuditHarness(
            """
            kafka: {bootstrap.servers: "localhost:9092"}
            templates: [offer-reminder]
            policies:
              - {name: offer, opensOn: [offer.created], convertsOn: [policy.issued], steps: [{after: 1h, template: offer-reminder}]}
            """)
        try harness.event("checkout.started", "ann")
        try harness.event("checkout.started", "bob", email: "")
        try harness.tick(Self.start + .hours(2))
        try harness.event("offer.created", "cid", at: Self.start + .hours(2))
        let result = try Self.backtest(harness, Self.candidate("steps: [{after: 1h, template: spot-saved}]"))
        let policy = try Self.checkout(result)
        #expect(policy.recorded.policy == nil)
        #expect(policy.candidate.opened == 2)
        #expect(policy.candidate.steps.map(\.sent) == [1])
        #expect(policy.candidate.skipped(.noAddress) == 1)
        #expect(result.limits.withoutDetails == 2)
        // Of such an event nothing was kept.
        #expect(policy.candidateExamples.map(\.prospectID) == [""])
    }

    // MARK: The check

    /// Whatever happened, whenever the clock ticked: the recorded policies come to the reminders that were sent.
    @Test(arguments: 0..<24 as Range<UInt64>)
    func theRecordedPoliciesComeToTheRecordedReminders(seed: UInt64) throws {
        let harness = try AuditHarness(partitions: 1)
        var history = BacktestHistory(seed: seed)
        try history.play(harness, changesPolicies: seed % 2 == 1)
        let sent = harness.reminders.count
        let result = try Self.backtest(harness, AuditHarness.policies)
        #expect(result.check == BacktestResult.Check(recorded: sent, same: sent, extra: 0), "seed \(seed)")
        guard seed % 2 == 0 else { return }
        for policy in result.policies {
            #expect(policy.recorded == policy.candidate, "seed \(seed)")
            #expect(policy.mailedByRecorded == 0 && policy.mailedByCandidate == 0, "seed \(seed)")
        }
    }
}
