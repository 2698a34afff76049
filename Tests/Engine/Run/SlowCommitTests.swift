import Configuration
import Foundation
import Journey
import Testing

@testable import Engine

@Suite("A commit that takes long, or whose answer is lost") struct SlowCommitTests {
    /// A purchase may have been acknowledged since the tick: what was decided then must not be published any more.
    @Test func whatWasDecidedFromATickThatHasBecomeOldIsDecidedAnew() throws {
        let cluster = ScriptedCluster()
        cluster.delayMilliseconds = 11_000
        let clock = try cluster.run().clock
        #expect(cluster.calls.count { $0 == .abort } == 1)
        #expect(cluster.published.count == 1)
        // What was aborted is cut from the journal: it has never happened.
        #expect(cluster.requested == 1)
        let reminder = try #require(cluster.published.first)
        let object = try #require(try JSONSerialization.jsonObject(with: reminder.value) as? [String: Any])
        let data = try #require(object["data"] as? [String: Any])
        let text = try #require(data["emittedAt"] as? String)
        let emitted = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let age = reminder.committedAt.milliseconds - Int64(emitted.timeIntervalSince1970 * 1000)
        #expect(age <= (clock.lateness + clock.maxAge).milliseconds)
    }

    @Test(arguments: ScriptedCluster.Outcome.allCases)
    func whatBecameOfACommitWithoutAnAnswerIsForTheBrokerToSay(_ outcome: ScriptedCluster.Outcome) throws {
        let cluster = ScriptedCluster()
        cluster.lostAnswer = outcome
        _ = try cluster.run()
        #expect(cluster.published.count == 1)
        #expect(cluster.requested == 1)
    }
}
