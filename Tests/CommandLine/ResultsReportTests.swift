import Foundation
import Journey
import Leads
import Synchronization
import Terminal
import Testing

@testable import winback

@Suite("The report of results")
struct ResultsReportTests {
    private static func results() -> [PolicyResults] {
        var checkout = PolicyResults(policy: "abandoned-checkout")
        checkout.opened = 4000
        checkout.convertedUnreminded = 1000
        var first = PolicyResults.Step(template: "spot-saved")
        first.reminded = 2000
        first.converted = 250
        first[.noConsent] = 40
        first[.noAddress] = 2
        checkout.steps = [first, PolicyResults.Step(template: "act-now")]
        checkout.open = 2700
        checkout.optedOut = 50
        return [checkout]
    }

    private static func report(_ format: Table.Format, _ results: [PolicyResults] = results()) -> String {
        let text = Mutex("")
        let screen = Screen(isTerminal: format == .aligned, width: 200) { part in text.withLock { $0 += part } }
        let period = Instant(milliseconds: 1_782_864_000_000)..<Instant(milliseconds: 1_785_542_400_000)
        ResultsReport(results: results, period: period, screen: screen).write(format: format)
        return text.withLock { $0 }
    }

    @Test func aPersonSeesWhatEachStepHasBrought() {
        #expect(
            Self.report(.aligned) == """
                Journeys opened from 2026-07-01 00:00:00 to 2026-08-01 00:00:00 UTC, and what became of them

                abandoned-checkout  4,000 opened
                  before any reminder              1,000 bought   25.0 %  █████
                  after 1 spot-saved   2,000 sent    250 bought   12.5 %  ██▌                   skipped: 40 no-consent, 2 no-address
                  after 2 act-now          0 sent      0 bought        –
                  in all                           1,250 bought   31.3 %  ██████▎
                  the others           2,700 open, 0 expired, 0 cancelled, 0 superseded, 50 opted out, 0 erased

                """)
    }

    @Test func aProgramGetsARowForEachStepAndOneForWhatCameBefore() throws {
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(Self.report(.json).utf8)) as? [[String: Any]])
        #expect(rows.map { $0["step"] as? Int } == [0, 1, 2])
        #expect(rows.map { $0["opened"] as? Int } == [4000, nil, nil])
        #expect(rows.map { $0["reminded"] as? Int } == [nil, 2000, 0])
        #expect(rows.map { $0["converted"] as? Int } == [1000, 250, 0])
        #expect(rows.map { $0["share"] as? Double } == [0.25, 0.125, nil])
        #expect(rows.map { $0["skipped_no_consent"] as? Int } == [nil, 40, 0])
        #expect(rows[0]["opted_out"] as? Int == 50)
        #expect(Self.report(.csv).hasPrefix("policy,step,template,opened,reminded,converted,share,skipped_too_late,"))
    }

    @Test func nothingIsSaidToBeNothing() {
        #expect(Self.report(.aligned, [PolicyResults(policy: "a")]).hasSuffix("No journey was opened in this time.\n"))
    }

    @Test(arguments: [
        (0.0, ""), (0.004, "▏"), (0.5, "██████████"), (1, "████████████████████"), (2, "████████████████████"),
    ])
    func aBarIsAsLongAsItsShare(share: Double, bar: String) { #expect(ResultsReport.bar(share) == bar) }
}
