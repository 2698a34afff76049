import Journal
import Testing

@testable import Engine

@Suite("What a start makes of offsets that the broker has forgotten")
struct ForgottenOffsetsTests {
    private static let hash = FrameHash(hex: String(repeating: "ab", count: 32))!
    private static let head = JournalHead(position: 9000, hash: hash)
    private static let otherHead = JournalHead(position: 8000, hash: hash)

    /// A shard of two topics with 100 messages each, of which 0 to 49 and 0 to 79 have been folded, all of it confirmed.
    private struct Given {
        var beginnings: [Int64] = [0, 0]
        var ends: [Int64] = [100, 100]
        var head = ForgottenOffsetsTests.head
        var confirmed = ForgottenOffsetsTests.head
        var confirmedOffset: Int64 = 50
        var lastGroup: String? = "winback"
        var isOfTheseTopics = true
        var lastOffsets: [Int64?] = [49, 79]
        var found: [TopicMemory.Found] = [.same, .same]

        var evidence: RecoveryPlan.Evidence {
            RecoveryPlan.Evidence(
                partition: 3, topics: ["leads", "carts"],
                committed: [RecoveryPlan.Committed(), RecoveryPlan.Committed()], beginnings: beginnings, ends: ends,
                journalHead: head,
                confirmed: Journal.Confirmation(
                    position: confirmed.position, hash: confirmed.hash, offset: confirmedOffset),
                group: "winback", lastGroup: lastGroup, journalPath: "data/shards/3")
        }

        func decide() throws -> RecoveryPlan {
            try RecoveryPlan.decide(evidence) { _ in
                ForgottenOffsetsTests.hash
            } memory: {
                TopicMemory(isOfTheseTopics: isOfTheseTopics, lastOffsets: lastOffsets) { found[$0] }
            }
        }
    }

    private func expectRefusal(_ words: [String], _ change: (inout Given) -> Void) {
        var given = Given()
        change(&given)
        do {
            let plan = try given.decide()
            Issue.record("\(plan)")
        } catch let error as EngineError {
            #expect(error.code == .offsetsForgotten)
            for word in words + ["group winback", "partition 3 of leads, carts", "data/shards/3", "nothing was read"] {
                #expect(error.message.contains(word), "no `\(word)` in: \(error.message)")
            }
        } catch { Issue.record(error) }
    }

    @Test func aConfirmedJournalWhoseLastMessagesAreStillThereTellsThem() throws {
        #expect(try Given().decide() == .renew(offsets: [50, 80], head: Self.head))
    }

    @Test func aDirectoryThatDoesNotKnowItsGroupIsTrusted() throws {
        var given = Given()
        given.lastGroup = nil
        #expect(try given.decide() == .renew(offsets: [50, 80], head: Self.head))
    }

    @Test func messagesRightAtBothEndsOfTheTopicsAreGood() throws {
        var given = Given()
        given.beginnings = [49, 0]
        given.ends = [50, 80]
        #expect(try given.decide() == .renew(offsets: [50, 80], head: Self.head))
    }

    @Test func aJournalThatDoesNotEndConfirmedStops() {
        expectRefusal(["position 8000 (offset 50)", "ends at position 9000", "may have been sent or not"]) {
            $0.confirmed = Self.otherHead
        }
    }

    @Test func anotherGroupsDataDirectoryStops() {
        expectRefusal(["was last used with group staging"]) { $0.lastGroup = "staging" }
    }

    @Test func anotherListOfTopicsStops() {
        expectRefusal(["list of event topics", "has changed"]) {
            $0.isOfTheseTopics = false
            $0.lastOffsets = []
        }
    }

    @Test func aLastMessageThatRetentionDeletedStops() {
        expectRefusal(["offset 79 of carts", "is gone: the topic now begins at 80", "deleted unread"]) {
            $0.beginnings = [0, 80]
        }
    }

    @Test func aTopicThatEndsBeforeTheLastMessageStops() {
        expectRefusal(["offset 49 of leads", "ends at 49", "made anew"]) { $0.ends = [49, 100] }
    }

    @Test func anotherMessageInItsPlaceStops() {
        expectRefusal(["offset 79 of carts", "is another one now", "another cluster"]) { $0.found = [.same, .another] }
    }

    @Test func noMessageInItsPlaceStops() {
        expectRefusal(["offset 49 of leads", "is gone, as after a compaction"]) { $0.found = [.nothing, .same] }
    }

    @Test func topicsFromWhichNothingWasFoldedAreReadFromWhereTheyWereToBe() throws {
        var given = Given()
        given.lastOffsets = [nil, nil]
        given.confirmedOffset = 7
        given.beginnings = [7, 0]
        #expect(try given.decide() == .renew(offsets: [7, 0], head: Self.head))
    }

    @Test(arguments: [(8, 0, "leads"), (0, 0, "leads"), (7, 1, "carts")] as [(Int64, Int64, String)])
    func aBeginningThatMovedUnderAnUnreadTopicStops(first: Int64, second: Int64, topic: String) {
        expectRefusal(["nothing was folded from \(topic) yet"]) {
            $0.lastOffsets = [nil, nil]
            $0.confirmedOffset = 7
            $0.beginnings = [first, second]
        }
    }

    @Test func anEmptyJournalBesideOthersWasLost() throws {
        let renewed = Given()
        var empty = Given()
        empty.head = .start
        let plans = try [(renewed.evidence, renewed.decide()), (empty.evidence, empty.decide())]
        #expect(plans[1].1 == .begin(offsets: [0, 0]))
        #expect { try RecoveryPlan.requireTogether(plans) } throws: { error in
            (error as? EngineError)?.code == .offsetsForgotten && "\(error)".contains("was lost")
        }
        try RecoveryPlan.requireTogether([plans[0], plans[0]])
        try RecoveryPlan.requireTogether([plans[1], plans[1]])
    }
}
