import Journal
import Testing

@testable import Engine

@Suite("What a start goes on from")
struct RecoveryPlanTests {
    private static let hash = FrameHash(hex: String(repeating: "ab", count: 32))!
    private static let otherHash = FrameHash(hex: String(repeating: "cd", count: 32))!
    private static let head = JournalHead(position: 9000, hash: hash)

    private func evidence(
        committed: [(Int64?, String?)] = [(50, OffsetMetadata(head: head).text)], journal: JournalHead = head,
        confirmed: Journal.Confirmation = .none, beginnings: [Int64] = [10], ends: [Int64] = [100],
        topics: [String] = ["events"], lastGroup: String? = nil
    ) -> RecoveryPlan.Evidence {
        RecoveryPlan.Evidence(
            partition: 3, topics: topics,
            committed: committed.map { RecoveryPlan.Committed(offset: $0.0, metadata: $0.1) }, beginnings: beginnings,
            ends: ends, journalHead: journal, confirmed: confirmed, group: "winback", lastGroup: lastGroup,
            journalPath: "data/shards/3")
    }

    private func decide(
        _ evidence: RecoveryPlan.Evidence, hash: FrameHash? = RecoveryPlanTests.hash
    ) throws -> RecoveryPlan {
        try RecoveryPlan.decide(evidence) {
            _ in
            hash
        } memory: {
            Issue.record("nobody has forgotten anything")
            return TopicMemory(isOfTheseTopics: true, lastOffsets: [nil]) { _ in .nothing }
        }
    }

    private func code(_ evidence: RecoveryPlan.Evidence, hash: FrameHash? = RecoveryPlanTests.hash) -> EngineError.Code?
    {
        do {
            _ = try decide(evidence, hash: hash)
            return nil
        } catch { return (error as? EngineError)?.code }
    }

    @Test func nothingCommittedAndAnEmptyJournalIsAFirstStart() throws {
        #expect(try decide(evidence(committed: [(nil, nil)], journal: .start)) == .begin(offsets: [10]))
    }

    @Test func theCommittedPlaceIsGoneOnFrom() throws {
        #expect(try decide(evidence()) == .resume(offsets: [50], head: Self.head))
    }

    @Test func anUncommittedTailIsNoObstacle() throws {
        let longer = JournalHead(position: 20_000, hash: Self.otherHash)
        #expect(try decide(evidence(journal: longer)) == .resume(offsets: [50], head: Self.head))
    }

    @Test(arguments: [
        nil, "", "something else", "winback/1 9000", "winback/2 9000 " + String(repeating: "ab", count: 32),
    ])
    func metadataThatIsNotOursMeansThatTheGroupWasReset(metadata: String?) {
        #expect(code(evidence(committed: [(50, metadata)])) == .groupReset)
    }

    @Test func oneTopicWithoutAnOffsetMeansThatTheGroupWasReset() {
        let text = OffsetMetadata(head: Self.head).text
        let evidence = evidence(
            committed: [(50, text), (nil, nil)], beginnings: [0, 0], ends: [100, 100], topics: ["a", "b"])
        #expect(code(evidence) == .groupReset)
    }

    @Test func topicsThatDisagreeMeanThatTheGroupWasReset() {
        let other = OffsetMetadata(head: JournalHead(position: 8000, hash: Self.hash)).text
        let evidence = evidence(
            committed: [(50, OffsetMetadata(head: Self.head).text), (50, other)], beginnings: [0, 0], ends: [100, 100],
            topics: ["a", "b"])
        #expect(code(evidence) == .groupReset)
    }

    @Test func aJournalThatEndsBeforeTheCommittedPositionWasLost() {
        #expect(code(evidence(journal: JournalHead(position: 8000, hash: Self.hash))) == .journalBehind)
        #expect(code(evidence(journal: .start)) == .journalBehind)
    }

    @Test func anotherFrameAtTheCommittedPositionIsAnotherHistory() {
        #expect(code(evidence(), hash: Self.otherHash) == .journalDiverged)
        #expect(code(evidence(), hash: nil) == .journalDiverged)
    }

    @Test func anOffsetBelowAConfirmedOneMeansThatTheBrokerWasRestored() {
        let confirmed = Journal.Confirmation(position: 9500, hash: Self.otherHash, offset: 60)
        #expect(
            code(evidence(journal: JournalHead(position: 9500, hash: Self.otherHash), confirmed: confirmed))
                == .offsetsRestored)
    }

    @Test(
        arguments: [(51, 100, EngineError.Code.offsetOutOfRange), (10, 49, .offsetOutOfRange)]
            as [(Int64, Int64, EngineError.Code)])
    func anOffsetThatTheBrokerDoesNotHaveStops(beginning: Int64, end: Int64, expected: EngineError.Code) {
        #expect(code(evidence(beginnings: [beginning], ends: [end])) == expected)
    }

    @Test(arguments: [(50, 100), (10, 50)] as [(Int64, Int64)])
    func anOffsetAtEitherEndIsGood(beginning: Int64, end: Int64) {
        #expect(code(evidence(beginnings: [beginning], ends: [end])) == nil)
    }

    @Test func metadataRoundTrips() {
        #expect(OffsetMetadata(OffsetMetadata(head: Self.head).text)?.head == Self.head)
        #expect(OffsetMetadata(head: Self.head).text.utf8.count < 128)
        let erasing = OffsetMetadata(head: Self.head, erasing: 4711)
        #expect(OffsetMetadata(erasing.text) == erasing)
        #expect(OffsetMetadata(erasing.text + "x") == nil)
        #expect(OffsetMetadata(erasing.text + " more") == nil)
    }

    /// An erasure is outstanding in the topic that asked for it alone.
    @Test func whatIsStillToBeDestroyedDoesNotMakeTopicsDiffer() throws {
        let committed: [(Int64?, String?)] = [
            (50, OffsetMetadata(head: Self.head, erasing: 49).text), (60, OffsetMetadata(head: Self.head).text),
        ]
        let plan = try decide(
            evidence(committed: committed, beginnings: [10, 10], ends: [100, 100], topics: ["events", "orders"]))
        #expect(plan == .resume(offsets: [50, 60], head: Self.head))
    }
}
