import Journey
import Testing

@testable import Engine

@Suite("A partition that has not been read to its end") struct ReadToItsEndTests {
    private let start = OfflineHarness.start

    /// The wait is a minute. The purchase is there in time, but another service's open transaction hides it for three.
    @Test func aPurchaseThatTheBrokersHoldAndNobodyIsShownYetKeepsTheReminderBack() throws {
        let cluster = ScriptedCluster()
        cluster.messages.append(
            ScriptedCluster.Message(type: "checkout.completed", at: start + .seconds(30), shownAt: start + .minutes(3)))
        _ = try cluster.run()
        #expect(cluster.published.isEmpty)
        #expect(cluster.requested == 0)
    }
}
