import Simulator
import Testing

/// The real engine, journal and journeys on a simulated disk, network and clock. A failure names its seed, which repeats the
/// run exactly.
@Suite struct SimulationTests {
    private static let settings = {
        var settings = Simulation.Settings()
        settings.longestSilenceMilliseconds = 60_000
        settings.powerLasts = 1_500
        return settings
    }()

    @Test(arguments: UInt64(1)...4)
    func noPromiseIsBrokenWhateverFails(_ seed: UInt64) throws {
        let report = try Simulation(seed: seed, settings: Self.settings).run()
        #expect(report.violations == [], "seed \(seed)")
        #expect(report.reminders > 0 && report.powerFailures > 0)
    }

    @Test func aSeedRepeatsItsRun() throws {
        let runs = try (0..<2).map { _ in try Simulation(seed: 42, settings: Self.settings).run() }
        #expect(runs[0].digest == runs[1].digest && runs[0].operations == runs[1].operations)
    }
}
