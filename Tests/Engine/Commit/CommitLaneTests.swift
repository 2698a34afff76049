import Dispatch
import Testing

@testable import Engine

@Suite("The commit beside the folding") struct CommitLaneTests {
    private struct Failed: Error {}

    @Test func theOutcomeIsTakenOnceAndOnlyWhenTheCommitHasEnded() throws {
        let lane = CommitLane()
        #expect(lane.take() == nil)
        let gate = DispatchSemaphore(value: 0)
        lane.begin { gate.wait() }
        #expect(lane.take() == nil)
        #expect(!lane.wait(milliseconds: 1))
        gate.signal()
        lane.wait()
        #expect(throws: Never.self) { try lane.take()?.get() }
        #expect(lane.take() == nil)
    }

    @Test func aFailureReachesWhoTakesIt() {
        let lane = CommitLane()
        lane.begin { throw Failed() }
        lane.wait()
        #expect(throws: Failed.self) { try lane.take()?.get() }
    }

    @Test func anotherCommitMayBeginWhenTheOutcomeOfTheLastWasTaken() {
        let lane = CommitLane()
        for _ in 0..<100 {
            lane.begin {}
            lane.wait()
            #expect(lane.take() != nil)
        }
    }
}
