import Journey
import Leads
import Testing

@Suite("Reading leads beside the engine")
struct ReadingBesideTests {
    private let start = LeadsHarness.start

    @Test func theTableFollowsAnEngineThatHasTheDirectoryOpen() throws {
        let harness = try LeadsHarness()
        #expect(try harness.leads() == [])
        for index in 0..<20 {
            try harness.event("checkout.started", "p\(index)", at: start + .seconds(Int64(index)))
            #expect(try harness.leads().map(\.prospectID) == (0...index).map { "p\($0)" })
        }
        try harness.reopen()
        #expect(try harness.leads().count == 20)
    }

    @Test func whatTheRunningEngineSaysIsConfirmedIsNotPending() throws {
        let harness = try LeadsHarness()
        try harness.event("checkout.started", "ann")
        try harness.publishStatus(confirmedPosition: 1 << 40)
        #expect(try harness.leads().map(\.isPending) == [false])
        try harness.publishStatus(confirmedPosition: 0)
        #expect(try harness.leads().map(\.isPending) == [true])
    }
}
