import Journey
import Leads
import Testing

@Suite("Filters of the leads table")
struct LeadFilterTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout LeadFilter) -> Void
        var wanted: [String]
    }

    private static let start = LeadsHarness.start

    static let examples: [Example] = [
        Example(testDescription: "none", change: { _ in }, wanted: ["ann", "ben", "cleo", "dan"]),
        Example(testDescription: "tenant", change: { $0.tenant = "kasko" }, wanted: ["ben", "dan"]),
        Example(testDescription: "policy", change: { $0.policy = "unconverted-lead" }, wanted: ["ben", "dan"]),
        Example(testDescription: "product", change: { $0.product = "pet" }, wanted: ["ben"]),
        Example(testDescription: "prospect", change: { $0.prospectID = "cleo" }, wanted: ["cleo"]),
        Example(testDescription: "address in any case", change: { $0.email = "Ann@Example.COM" }, wanted: ["ann"]),
        Example(testDescription: "a part of an address", change: { $0.email = "ann@" }, wanted: []),
        Example(testDescription: "one status", change: { $0.statuses = [.held] }, wanted: ["cleo"]),
        Example(
            testDescription: "two statuses", change: { $0.statuses = [.held, .waiting] },
            wanted: ["ann", "ben", "cleo", "dan"]),
        Example(
            testDescription: "since, included", change: { $0.since = start + .minutes(2) }, wanted: ["cleo", "dan"]),
        Example(
            testDescription: "all together",
            change: {
                $0.tenant = "kasko"
                $0.product = "bike"
                $0.statuses = [.waiting]
            }, wanted: ["dan"]),
        Example(testDescription: "nobody", change: { $0.tenant = "Kasko" }, wanted: []),
    ]

    @Test(arguments: examples)
    func aFilterLeavesWhoFitsAllOfIt(example: Example) throws {
        let harness = try LeadsHarness()
        let start = Self.start
        try harness.event("checkout.started", "ann")
        try harness.event("sales-lead.created", "ben", product: "pet", tenant: "kasko", at: start + .minutes(1))
        try harness.event("checkout.started", "cleo", product: "silver", at: start + .minutes(2))
        try harness.event("sales-lead.created", "dan", product: "bike", tenant: "kasko", at: start + .minutes(3))
        try harness.event("payment.pending", "cleo", product: "silver", at: start + .minutes(4))
        #expect(try harness.leads(example.change).map(\.prospectID) == example.wanted)
    }
}
