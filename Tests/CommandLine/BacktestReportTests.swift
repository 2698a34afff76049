import Configuration
import Foundation
import Journey
import Synchronization
import Terminal
import Testing

@testable import Audit
@testable import winback

@Suite("The report of a back-test")
struct BacktestReportTests {
    private static let july = Instant(milliseconds: 1_782_864_000_000)

    private static func result() throws -> BacktestResult {
        func policy(_ wait: String) throws -> Policy {
            try ProposedPolicies.parse(
                text: """
                    templates: [spot-saved]
                    policies:
                      - name: abandoned-checkout
                        opensOn: [checkout.started]
                        convertsOn: [checkout.completed]
                        steps: [{after: \(wait), template: spot-saved}]
                    """
            ).policies[0]
        }
        var checkout = BacktestPolicy(name: "abandoned-checkout")
        checkout.recorded.add(try policy("1h"))
        checkout.recorded.opened = 4000
        checkout.recorded.boughtUnreminded = 1000
        checkout.recorded.steps[0].sent = 3000
        checkout.recorded.steps[0].bought = 500
        checkout.recorded.boughtWithinWeek = 480
        checkout.candidate.add(try policy("3h"))
        checkout.candidate.opened = 4000
        checkout.candidate.boughtUnreminded = 1300
        checkout.candidate.steps[0].sent = 2690
        checkout.candidate.steps[0].bought = 200
        checkout.candidate.steps[0][.noConsent] = 10
        checkout.candidate.boughtWithinWeek = 190
        checkout.mailedByBoth = 2690
        checkout.mailedByRecorded = 310
        checkout.mailsSaved = 300
        let person = ProspectKey(high: 0, low: 1)
        var ann = BacktestExample(partition: 2, at: july + .hours(1), record: .none, prospect: person)
        ann.prospectID = "ann"
        ann.email = "ann@example.com"
        let erased = BacktestExample(partition: 0, at: july + .hours(2), record: .none, prospect: person)
        checkout.recordedExamples = [ann, erased]
        var result = BacktestResult()
        result.policies = [checkout]
        result.events = 12345
        result.eventsInPeriod = 12000
        result.firstEvent = july
        result.lastEvent = july + .days(20)
        result.check = BacktestResult.Check(recorded: 3000, same: 3000, extra: 0)
        result.limits.purchasesAfterOtherMails = 300
        result.limits.unknownFields = ["/data/city"]
        return result
    }

    private static func report(_ format: Table.Format, _ result: BacktestResult) -> String {
        let text = Mutex("")
        let screen = Screen(isTerminal: format == .aligned, width: 200) { part in text.withLock { $0 += part } }
        BacktestReport(result: result, period: july ..< .distantFuture, file: "slower.yaml", screen: screen)
            .write(format: format)
        return text.withLock { $0 }
    }

    @Test func aPersonSeesBothSidesBesideEachOther() throws {
        let text = Self.report(.aligned, try Self.result())
        #expect(
            text == """
                slower.yaml over 12,345 events; journeys opened 2026-07-01 00:00:00 – 2026-07-21 00:00:00 UTC
                The recorded policies, replayed the same way: 3,000 of 3,000 reminders the same ✓

                abandoned-checkout
                                       as it was                  tried
                  opened                   4,000  ████████████    4,000  ████████████
                  step 1 sent              3,000  █████████       2,690  ████████▏     −310
                  skipped: no-consent          0                     10                +10
                  bought before any        1,000  ███             1,300  ███▉          +300
                  bought after step 1        500  █▌                200  ▋             −300
                  … within 7 d of it         480  █▌                190  ▋             −290
                  step 1: spot-saved 1 h after the last activity → spot-saved 3 h after the last activity
                  people mailed: 2,690 on both sides, 310 not any more, 0 in addition
                  to those who bought, by then: 300 mails saved, 0 added
                  not mailed any more, the first 2 of 310
                    2026-07-01 01:00:00  ann  ann@example.com
                    2026-07-01 02:00:00  (erased)

                · People's reactions are as they were: a purchase after a reminder may not have come without it.
                · 300 purchases came after another last mail than the tried policies would have sent, or after none.
                · Not recorded all the time, and taken to be there: /data/city.

                """, "\(text)")
    }

    @Test func whatIsTheSameTakesALine() throws {
        var result = try Self.result()
        result.policies[0].candidate = result.policies[0].recorded
        result.policies[0].mailedByRecorded = 0
        result.limits = BacktestResult.Limits()
        #expect(
            Self.report(.aligned, result).contains(
                "abandoned-checkout  the same on both sides: 4,000 opened, 3,000 sent, 1,500 bought\n\n·"))
    }

    @Test func aProgramGetsOneObject() throws {
        let text = Self.report(.json, try Self.result())
        #expect(
            text == """
                {"from":"2026-07-01T00:00:00.000Z","to":null,"events":12345,"eventsInPeriod":12000,"replay":{"recorded":3000,"same":3000,"extra":0},
                "limits":{"unknownTypes":0,"refused":0,"withoutDetails":0,"withoutTenant":0,"unknownFields":["/data/city"],"otherIdentity":false,"rebuilt":0,"unmatchedErasures":0,"purchasesAfterOtherMails":300},
                "policies":[
                {"policy":"abandoned-checkout",
                 "recorded":{"opened":4000,"sent":3000,"bought":1500,"boughtUnreminded":1000,"boughtWithin7d":480,"steps":[{"template":"spot-saved","sent":3000,"bought":500,"skipped":{}}]},
                 "candidate":{"opened":4000,"sent":2690,"bought":1500,"boughtUnreminded":1300,"boughtWithin7d":190,"steps":[{"template":"spot-saved","sent":2690,"bought":200,"skipped":{"no-consent":10}}]},
                 "people":{"mailedByBoth":2690,"onlyRecorded":310,"onlyCandidate":0},"mailsSaved":300,"mailsAdded":0,
                 "onlyRecorded":[{"at":"2026-07-01T01:00:00.000Z","prospect":"ann","email":"ann@example.com","partition":2,"message":null},{"at":"2026-07-01T02:00:00.000Z","prospect":null,"email":null,"partition":0,"message":null}],
                 "onlyCandidate":[]}
                ]}

                """, "\(text)")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }

    @Test func aSpreadsheetGetsARowForEachStepAndSide() throws {
        let lines = Self.report(.csv, try Self.result()).split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[1].hasPrefix("abandoned-checkout,recorded,0,,4000,3000,1000,480,"))
        #expect(lines[4].hasPrefix("abandoned-checkout,candidate,2,") == false)
        #expect(lines[4].hasPrefix("abandoned-checkout,candidate,1,spot-saved,,2690,200,,0,0,10,"))
    }

    @Test func aReplayThatDiffersIsSaidInTheFirstLines() throws {
        var result = try Self.result()
        result.check = BacktestResult.Check(recorded: 3000, same: 2999, extra: 2)
        let text = Self.report(.aligned, result)
        #expect(text.contains("2,999 of 3,000 reminders the same, 2 that were not sent."))
    }

    @Test func mistakesInThePoliciesAreReportedWithTheirPlaces() throws {
        let folder = try TemporaryFolder()
        let wrong = try folder.write("templates: [a]\npolicies:\n  - {name: x, opensOn: [nothing]}\n", to: "p.yaml")
        let program = try WinbackProgram()
        let ending = try program.run(["audit", "backtest", "--policies", wrong, "--data", folder.url.path])
        #expect(ending.code == 65)
        #expect(ending.errors.contains("p.yaml:3:"), "\(ending.errors)")
        let missing = try program.run(["audit", "backtest", "--policies", "none.yaml", "--data", folder.url.path])
        #expect(missing.code == 66)
        #expect(missing.errors.contains("none.yaml"), "\(missing.errors)")
        #expect(try program.run(["audit", "backtest"]).code == 64)
    }
}
