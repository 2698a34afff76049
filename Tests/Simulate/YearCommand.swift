import Foundation
import Simulator

/// `--year`: a simulated year of ten thousand prospects, and how long it takes.
struct YearCommand {
    func run() throws {
        let start = Date()
        let report = try Simulation(seed: 1, settings: .year).run()
        let judged = Date()
        for violation in report.violations { Main.say("  \(violation)") }
        for line in report.accounts.joined() { Main.say("  \(line)") }
        Main.say(
            "\(Int(report.days)) simulated days of \(Simulation.Settings.year.prospects) prospects: \(report.events) events, "
                + "\(report.reminders) reminders, \(report.powerFailures) power failures, \(report.operations) operations, "
                + "\(String(format: "%.1f", judged.timeIntervalSince(start))) s, of which the oracle took "
                + "\(String(format: "%.1f", report.judgedSeconds)) s")
        if !report.violations.isEmpty { exit(1) }
    }
}
