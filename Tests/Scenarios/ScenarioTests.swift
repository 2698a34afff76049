import Configuration
import Foundation
import Scenarios
import Testing

@Suite("scenarios") struct ScenarioTests {
    static let policies = """
        kafka: {bootstrap.servers: localhost:9092}
        templates: [spot-saved, act-now]
        policies:
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            steps: [{after: 1h, template: spot-saved}, {after: 24h, from: previous, template: act-now}]
        """

    static func run(_ cases: String) throws -> [ScenarioResult] {
        let scenario = try Scenario.parse(text: "cases:\n" + cases, file: "my.yaml")
        let runner = ScenarioRunner(configuration: try Configuration.parse(text: policies))
        return try scenario.cases.map { try runner.run($0) }
    }

    private static let examples = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("deploy/examples")

    @Test(arguments: ["insurance", "memberships"])
    func everyExampleHolds(name: String) throws {
        let scenario = try Scenario.load(
            path: Self.examples.appendingPathComponent("\(name).scenarios.yaml").path)
        let path = Self.examples.appendingPathComponent(try #require(scenario.configuration)).path
        let runner = ScenarioRunner(configuration: try Configuration.load(path: path))
        #expect(scenario.cases.count >= 7)
        for each in scenario.cases {
            let result = try runner.run(each)
            #expect(result.isGood, "\(each.place) \(each.name):\n\(result.difference.joined(separator: "\n"))")
        }
    }

    @Test func whatDiffersIsShownAsADiff() throws {
        let results = try Self.run(
            """
              - name: wrong in every way
                given:
                  - {at: 0h, type: checkout.started, prospect: p-1, email: a@example.com}
                  - {at: 30m, type: checkout.started, prospect: p-2, email: b@example.com}
                when: 2d
                then:
                  - {at: 1h, template: spot-saved, prospect: p-1}
                  - {at: 1h30m, template: act-now, prospect: p-2}
                  - {at: 25h, template: act-now, prospect: p-1, step: 2}
            """)
        #expect(!results[0].isGood)
        #expect(
            results[0].difference == [
                "  1h        template spot-saved  prospect p-1  step 1",
                "- 1h30m     template act-now  prospect p-2",
                "+ 1h30m     template spot-saved  prospect p-2  step 1",
                "  1d1h      template act-now  prospect p-1  step 2",
                "+ 1d1h30m   template act-now  prospect p-2  step 2",
            ])
    }

    @Test func noneWantedMeansNoneSent() throws {
        let results = try Self.run(
            """
              - name: nobody buys
                given: [{at: 0h, type: checkout.started, prospect: p-1, email: a@example.com}]
                when: 1h
                then: []
              - name: not yet due
                given: [{at: 0h, type: checkout.started, prospect: p-1, email: a@example.com}]
                when: 59m
                then: []
            """)
        #expect(results.map(\.isGood) == [false, true])
        #expect(results[0].difference == ["+ 1h        template spot-saved  prospect p-1"])
    }

    @Test func anEventMayBeReadLaterThanItHappened() throws {
        let results = try Self.run(
            """
              - name: a purchase that is read behind a later start
                given:
                  - {at: 0h, type: checkout.started, prospect: p-1, email: a@example.com}
                  - {at: 50m, type: checkout.completed, prospect: p-1, time: 10m}
                  - {at: 55m, type: checkout.started, prospect: p-1, email: a@example.com, time: 2026-01-01T09:15:00Z}
                when: 2d
                then: []
            """)
        #expect(results[0].isGood, "\(results[0].difference)")
    }

    @Test func aRefusedEventFailsItsCase() throws {
        let results = try Self.run(
            """
              - name: no address
                given: [{at: 0h, type: checkout.started, product: gold}]
                when: 1h
                then: []
            """)
        #expect(!results[0].isGood)
        let line = try #require(results[0].difference.first)
        #expect(line.hasPrefix("! my.yaml:3:13: an event was refused: "), "\(line)")
        #expect(line.contains("/data/prospect/id"), "\(line)")
    }

    @Test func itsResultsAreJUnit() throws {
        var results = try Self.run(
            """
              - {name: "a < b & \\"c\\"", given: [], when: 1h, then: []}
              - {name: bad, given: [], when: 1h, then: [{at: 1m}]}
            """)
        var report = JUnitReport()
        report.add(file: "my.yaml", results.map { ($0, 0.25) })
        results = []
        #expect(
            report.xml == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites tests="2" failures="1">
                  <testsuite name="my.yaml" tests="2" failures="1" errors="0" time="0.500">
                    <testcase name="a &lt; b &amp; &quot;c&quot;" classname="my.yaml" line="2" time="0.250"/>
                    <testcase name="bad" classname="my.yaml" line="3" time="0.250">
                      <failure message="other reminders than wanted">- 1m      </failure>
                    </testcase>
                  </testsuite>
                </testsuites>

                """)
    }
}
