import Kafka
import Testing

@testable import Engine

@Suite("A group that takes its partitions away") struct RebalanceTests {
    private static let place = TopicPartition("checkout-events", 0)

    private func calls(behind rebalance: Rebalance) throws -> ArraySlice<ScriptedCluster.Call> {
        let cluster = ScriptedCluster()
        cluster.rebalanceBehindTheCheckout = rebalance
        _ = try cluster.run()
        #expect(cluster.published.count == 1)
        let checkout = try #require(cluster.calls.firstIndex(of: .checkout))
        return cluster.calls[(checkout + 1)...]
    }

    /// Its partitions may be somebody else's already.
    @Test func whoseMembershipIsLostCommitsNothingBeforeItHasJoinedAgain() throws {
        #expect(try calls(behind: .lost([Self.place])).starts(with: [.subscribe, .checkout]))
    }

    @Test func whosePartitionsAreRevokedGivesThemUpAndJoinsAgain() throws {
        let calls = try calls(behind: .revoked([Self.place]))
        let place = try #require(calls.firstIndex(of: .unassign))
        #expect(calls[(place + 1)...].first == .subscribe)
    }
}
