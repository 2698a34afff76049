import Testing

@testable import Simulator

/// The real engine, journal and journeys on a simulated disk, network and clock. A failure names its seed, which repeats the
/// run exactly.
@Suite struct SimulationTests {
    private static let settings = {
        var settings = Simulation.Settings()
        settings.prospects = 40
        settings.days = 5
        settings.longestSilenceMilliseconds = 180_000
        settings.powerLasts = 800
        return settings
    }()

    @Test(arguments: UInt64(1)...3)
    func noPromiseIsBrokenWhateverFails(_ seed: UInt64) throws {
        let report = try Simulation(seed: seed, settings: Self.settings).run()
        #expect(report.violations == [], "seed \(seed)")
        #expect(report.reminders > 0 && report.powerFailures > 0 && report.destroyedRecords > 0)
    }

    /// After an absence more is due than the next tick decides.
    @Test func aFullTickLeavesTheRestToTheNextOne() throws {
        var plan = Plan(seed: 4, settings: Self.quick)
        plan.maximumDuePerTick = 1
        let report = try Simulation(plan).run()
        #expect(report.violations == [])
        #expect(report.met[.full] != nil)
    }

    /// Where nothing depends on what happens within minutes.
    private static let quick = {
        var settings = Self.settings
        settings.longestSilenceMilliseconds = 30 * PlainPolicy.minute
        settings.prospects = 12
        return settings
    }()

    @Test func aSeedRepeatsItsRun() throws {
        let settings = Self.quick
        let runs = try (0..<2).map { _ in try Simulation(seed: 42, settings: settings).run() }
        #expect(runs[0].digest == runs[1].digest && runs[0].operations == runs[1].operations)
    }

    @Test func theSameEventsComeToTheSameCommandsWhoeverCrashes() throws {
        var settings = Self.quick
        settings.prospects = 25
        let plan = Plan(seed: 7, settings: settings)
        let (stormy, calm) = (try Simulation(plan).run(), try Simulation(Differential.calm(plan)).run())
        #expect(stormy.violations == [] && calm.violations == [])
        #expect(calm.powerFailures == 0 && stormy.powerFailures > 0)
        #expect(Differential(stormy, calm).differences == [])
    }

    @Test func aBrokenPromiseIsToldInWordsAndShrunkToWhatItTakes() throws {
        var settings = Self.quick
        settings.prospects = 8
        var plan = Plan(seed: 3, settings: settings)
        var teller = Storyteller(seed: 3, identity: .prospect, start: Plan.start, length: PlainPolicy.day)
        teller.troublePercent = 0
        plan.configuration.identity = .prospect
        plan.change = nil
        plan.changesAt = .max
        plan.stories = (0..<settings.prospects).map { teller.tell($0, .checkout) }
        // Somebody sends every second mail twice.
        plan.forges = { evidence in
            evidence.published += evidence.published.filter { $0.reminder.template == "act-now" }
        }
        let report = try Simulation(plan).run()
        #expect(report.violations.contains { $0.contains("was published 2 times") })
        var shrinker = Shrinker(plan, report, seconds: 60)
        shrinker.shrink()
        // A start, or an update with the first address: either is enough for two mails.
        #expect(shrinker.plan.stories.flatMap(\.happenings).count == 1)
        #expect(shrinker.plan.settings.faults.isEmpty && shrinker.plan.settings.powerLasts == nil)
        #expect(shrinker.text.contains { $0.contains(" checkout.") })
    }

    /// Each of these is what a promise that is broken would look like.
    @Test func whatIsMissingOrWrongIsNoticed() throws {
        var settings = Self.quick
        settings.powerLasts = nil
        settings.faults = [:]
        func violations(_ forges: @escaping @Sendable (inout Evidence) -> Void) throws -> [String] {
            var plan = Plan(seed: 11, settings: settings)
            plan.forges = forges
            return try Simulation(plan).run().violations
        }
        let unchanged = try violations { _ in }
        let lost = try violations { $0.published.removeLast() }
        let misaddressed = try violations { $0.published[0].reminder.email = "x" }
        let refused = try violations { $0.deadLetters.append("0/0") }
        let skipped = try violations { $0.messages[0].remove(at: 3) }
        let early = try violations { evidence in
            for place in evidence.messages[0].indices { evidence.messages[0][place].appended -= 9 * PlainPolicy.day }
        }
        #expect(unchanged == [])
        #expect(lost.contains { $0.contains("was never published") })
        #expect(misaddressed.contains { $0.contains("had to be") })
        #expect(refused.contains { $0.contains("dead letters") })
        #expect(skipped.contains { $0.contains("was to come") })
        #expect(early.contains { $0.contains("was read, which the broker had since") })
    }

    /// A row that is never met would not be tried. How much a tick decides is the engine's affair.
    @Test func theLoadMeetsEveryRowOfTheSemantics() {
        var met: [Row: Int] = [:]
        for seed in UInt64(1)...30 {
            let plan = Plan(seed: seed, settings: Simulation.Settings())
            met.merge(Rehearsal(plan).met) { $0 + $1 }
        }
        #expect(Row.allCases.filter { met[$0] == nil } == [.full])
    }
}

/// A plan without an engine: the model alone reads the events, and ticks now and then.
private struct Rehearsal {
    private(set) var met: [Row: Int] = [:]

    init(_ plan: Plan) {
        // One partition would accept every key.
        var model = Model(partitionCount: 2)
        model.activate(plan.configuration, at: Plan.start)
        var clock = Plan.start
        var isChanged = false
        let happenings = plan.stories.flatMap(\.happenings).filter { $0.transaction?.isAborted != true }
        for happening in happenings.sorted(by: { $0.publishedAt < $1.publishedAt }) {
            while clock < happening.publishedAt {
                // Sometimes for hours nobody ticks.
                clock += clock % 7 == 0 ? 5 * PlainPolicy.hour : 20 * PlainPolicy.minute + 1
                _ = model.tick(clock)
            }
            if let change = plan.change, clock > plan.changesAt, !isChanged {
                model.activate(change, at: clock)
                isChanged = true
                for happening in happenings where plan.migrates {
                    if let identity = model.identity(of: happening) { _ = model.migrate(identity) }
                }
            }
            _ = model.read(happening)
        }
        _ = model.tick(clock + 20 * PlainPolicy.day)
        met = model.met
    }
}
