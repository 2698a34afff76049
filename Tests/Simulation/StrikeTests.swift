import Simulator
import Testing

/// What happens to an installation between two starts. A failure names its seed or point, which repeats the run exactly.
@Suite struct StrikeTests {
    private static func settings(_ strikes: Strike...) -> Simulation.Settings {
        var settings = Simulation.Settings()
        settings.prospects = 12
        settings.days = 4
        settings.longestSilenceMilliseconds = 30 * 60_000
        settings.powerLasts = 600
        settings.strikes = Set(strikes)
        settings.strikePercent = 60
        return settings
    }

    @Test(arguments: Strike.allCases)
    func noPromiseIsBrokenWhateverHappensBetweenTwoStarts(_ strike: Strike) throws {
        let report = try Simulation(seed: 1, settings: Self.settings(strike)).run()
        #expect(report.violations == [], "seed 1")
        #expect(report.struck[strike] ?? 0 > 0)
    }

    @Test func whereOffsetsAreForgottenTheEngineGoesOnByItselfOrAnOperatorSaysWhere() throws {
        let report = try Simulation(seed: 5, settings: Self.settings(.forgottenOffsets)).run()
        let forgotten = report.struck[.forgottenOffsets] ?? 0
        #expect(report.violations == [] && report.recoveries > 0 && report.recoveries < forgotten)
    }

    /// What the fixed history bears: not to be away for days. Apart from the test, because Swift 6.0 can't compile a closure
    /// among a test's arguments.
    private static let borne = Strike.allCases.filter { $0 != .longAbsence }

    /// Some calls of many.
    @Test(arguments: borne)
    func noStrikeBehindAKillBreaksAPromise(_ strike: Strike) throws {
        let walk = try FaultWalk()
        let points = walk.strikes(walk.play(keepsSteps: true).steps).filter { $0.strike == strike }
        var struck = 0
        for point in points.enumerated().filter({ $0.offset % max(1, points.count / 8) == 0 }).map(\.element) {
            let outcome = walk.play(point)
            #expect(outcome.violations == [], "scripts/simulate --fault \(point)")
            struck += outcome.struck[strike] ?? 0
        }
        #expect(struck > 0)
    }
}
