import Foundation
import KafkaTestSupport
import Testing

/// An outage as marketers live it: days pass, on a wall clock that is set, and nobody gets what is wrong or stale.
@Suite(
    .enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"),
    .enabled(if: FakeClock.isSeenByPrograms, "a sanitizer waits by the machine's own clock"))
struct WeekendTests {
    private static let settings = Stage.Settings(
        sessionMilliseconds: 1500,
        policies: """
              - name: checkout
                opensOn: [checkout.started]
                convertsOn: [checkout.completed]
                steps:
                  - {after: 1h, template: first-mail}
                  - {after: 24h, from: previous, template: second-mail}
              - name: mark
                opensOn: [sales-lead.created]
                convertsOn: [policy.issued]
                steps: [{after: 1s, template: first-mail}]
            """)
    private static let count = 10

    /// A week that ended just now, with Tuesday morning; the machine's own days of the week do not matter.
    private struct Week {
        let start = Date().addingTimeInterval(-25 * 3600)
        func friday(_ hour: Double) -> Date { start.addingTimeInterval((hour - 9 - 72) * 3600) }
        func saturday(_ hour: Double) -> Date { start.addingTimeInterval((hour - 9 - 48) * 3600) }
        func sunday(_ hour: Double) -> Date { start.addingTimeInterval((hour - 9 - 24) * 3600) }
        func monday(_ hour: Double) -> Date { start.addingTimeInterval((hour - 9) * 3600) }
        func tuesday(_ hour: Double) -> Date { start.addingTimeInterval((hour - 9 + 24) * 3600) }
    }

    private static func people(_ name: String) -> [String] { (0..<count).map { "\(name)-\($0)" } }

    private static func start(_ name: String, _ time: Date) -> [Event] {
        people(name).map { Event(type: "checkout.started", prospect: $0, time: time) }
    }

    private static func buy(_ name: String, _ time: Date) -> [Event] {
        people(name).map { Event(type: "checkout.completed", prospect: $0, time: time) }
    }

    /// Winback works at a moment, until it has decided all that was due before; then it is stopped.
    ///
    /// - Returns: who was reminded meanwhile, and of what.
    private static func work(_ stage: Stage, _ clock: FakeClock, at moment: Date) throws -> [String: [String]] {
        func mails() throws -> [Message] {
            try stage.witness.read(stage.reminders).filter { !Stage.prospect($0).hasPrefix("mark") }
        }
        let before = try mails().count
        try clock.set(moment)
        let engine = try stage.run()
        _ = try stage.waitUntilAllBeforeNowIsDecided(clock.now)
        try engine.stop()
        // All of them, by people: those of before were counted, and a topic's end is behind them in each partition only.
        let all = try mails()
        #expect(all.count >= before)
        return Dictionary(grouping: all, by: Stage.prospect).mapValues { $0.map(template) }
    }

    private static func template(_ command: Message) -> String {
        (command.json["data"] as? [String: Any])?["template"] as? String ?? ""
    }

    private static func emitted(_ stage: Stage, _ person: String) throws -> [Date] {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return try stage.witness.read(stage.reminders).filter { Stage.prospect($0) == person }.map { command in
            let data = try #require(command.json["data"] as? [String: Any])
            return try #require((data["emittedAt"] as? String).flatMap(formatter.date(from:)))
        }
    }

    private static func expect(_ mails: [String: [String]], _ wanted: [String: [String]]) {
        let all = wanted.reduce(into: [String: [String]]()) { all, group in
            for person in people(group.key) { all[person] = group.value }
        }
        #expect(mails == all)
    }

    @Test func stoppedOnFridayStartedOnMondayNobodyWhoBoughtIsRemindedAndNothingStaleIsSent() async throws {
        try await Stage.play(Self.settings) { stage in
            let week = Week()
            let clock = try FakeClock(in: stage.folder)
            stage.launcher = try clock.launcher
            // Policies act on what happens from here on.
            _ = try Self.work(stage, clock, at: week.friday(14))
            try stage.publish(Self.start("early", week.friday(14.25)))
            Self.expect(try Self.work(stage, clock, at: week.friday(15.5)), ["early": ["first-mail"]])
            try stage.publish(
                Self.start("late", week.friday(16)) + Self.start("buys-on-saturday", week.friday(16.25)))
            Self.expect(try Self.work(stage, clock, at: week.friday(16.5)), ["early": ["first-mail"]])

            // Over the weekend nobody reads what comes.
            try stage.publish(
                Self.buy("buys-on-saturday", week.saturday(11)) + Self.start("sunday", week.sunday(20))
                    + Self.start("buys-on-monday", week.sunday(21)) + Self.buy("buys-on-monday", week.monday(8.5)))

            // The second mail to the early ones and both to the late ones are staler than a day. Sunday's first ones are not.
            let monday = ["early": ["first-mail"], "sunday": ["first-mail"]]
            Self.expect(try Self.work(stage, clock, at: week.monday(9)), monday)
            try Self.expectSkipped(stage, since: week.friday(0))
            // A day after the first mail was due would have been on Monday evening.
            Self.expect(try Self.work(stage, clock, at: week.tuesday(8.75)), monday)
            Self.expect(
                try Self.work(stage, clock, at: week.tuesday(9.25)),
                ["early": ["first-mail"], "sunday": ["first-mail", "second-mail"]])
            for person in Self.people("sunday") {
                let times = try Self.emitted(stage, person)
                #expect(times[1].timeIntervalSince(times[0]) >= 24 * 3600)
            }
        }
    }

    /// What was skipped and why, by the results that marketers look at.
    private static func expectSkipped(_ stage: Stage, since: Date) throws {
        let period = ["--since", ISO8601DateFormatter().string(from: since)]
        let results = try stage.start(command: ["results", "--policy", "checkout"] + period)
        #expect(try results.exitCode() == 0, "\(results.log)")
        let rows = results.log.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        func numbers(_ title: Substring) throws -> [Int?] {
            let column = try #require(rows.first?.firstIndex(of: title), "\(results.log)")
            return rows.filter { $0.contains("first-mail") || $0.contains("second-mail") }.map { Int($0[column]) }
        }
        // Of the two that were due at once, the first gives way to the second, which is too late.
        #expect(try numbers("skipped_overtaken") == [count, 0], "\(results.log)")
        #expect(try numbers("skipped_too_late") == [0, 2 * count], "\(results.log)")
    }
}
