import DiskTestSupport
import Foundation

/// One run of the real engine on a simulated disk, network and clock, from one seed.
public struct Simulation {
    public struct Settings: Sendable {
        public var prospects = 60
        public var days = 12
        public var partitions: Int32 = 2
        /// Of how many operations the power outlasts at most; `nil` if it never fails.
        public var powerLasts: Int? = 1_500
        /// How often in a million calls that can meet it each fault happens.
        public var faults = Self.usualFaults
        /// What may happen between two starts, and after how many of a hundred lives something of it does.
        public var strikes = Set(Strike.allCases)
        public var strikePercent = 15
        /// For how long the engine is away after a failure at most.
        public var longestAbsenceHours: Int64 = 8
        /// While nothing arrives, time goes on in steps up to this.
        public var longestSilenceMilliseconds: Int64 = 60_000
        /// Of how many messages in a hundred something goes wrong on their way.
        public var troublePercent = 10
        /// A snapshot is made for each so many bytes of journal.
        public var snapshotBytes = 64 << 10
        /// One segment of the journal.
        public var segmentBytes = 128 << 10
        public init() {}

        /// Ten thousand prospects, of whom each has its day.
        public static let year = {
            var settings = Self()
            settings.prospects = 10_000
            settings.days = 365
            settings.powerLasts = 1_000_000
            settings.longestSilenceMilliseconds = 20 * 60_000
            settings.snapshotBytes = 16 << 20
            settings.segmentBytes = 16 << 20
            settings.faults = settings.faults.mapValues { $0 / 50 }
            return settings
        }()

        private static let usualFaults: [Fault: Int] = [
            .timeOut: 1000, .disconnected: 500, .retriable: 500, .lostAnswer: 10_000, .late: 10_000, .abortable: 1000,
            .fenced: 200, .fatal: 200, .revoked: 500, .lost: 500, .inputOutput: 100, .lostPages: 1000, .full: 100,
            .shortWrite: 200, .killBefore: 50, .killAfter: 50,
        ]
    }

    /// What came of it.
    public struct Report: Sendable {
        public var seed: UInt64
        /// Broken promises, in words.
        public var violations: [String] = []
        public var events = 0
        public var reminders = 0
        public var deadLetters = 0
        /// Personal records of people who were erased.
        public var destroyedRecords = 0
        public var powerFailures = 0
        public var operations = 0
        /// How often each fault happened.
        public var happened: [Fault: Int] = [:]
        /// How often each strike happened.
        public var struck: [Strike: Int] = [:]
        /// How often an operator had to say where to go on.
        public var recoveries = 0
        /// The reminders and dead letters, in the order of their topics: the same for the same seed.
        public var digest = ""
        /// How long it was in the simulated world.
        public var days = 0.0
        /// How long the oracle took, in real time.
        public var judgedSeconds = 0.0
        /// How often each row of the semantics was met.
        public var met: [Row: Int] = [:]
        /// What the journals say of the prospects whom broken promises concern.
        public var accounts: [[String]] = []
        /// What was published, and what the journals say of each journey: to be compared with another run's.
        var published: [Evidence.Published] = []
        var words: [String: [String]] = [:]
    }

    let plan: Plan

    public init(seed: UInt64, settings: Settings = Settings()) { self.init(Plan(seed: seed, settings: settings)) }

    public init(_ plan: Plan) { self.plan = plan }

    public func run() throws -> Report {
        let course = Course(plan)
        try course.run()
        course.world.rest()
        var report = course.report
        report.operations = course.world.operations
        report.happened = course.world.happened
        report.days = Double(course.world.wall - Plan.start) / Double(PlainPolicy.day)
        let played = Date()
        try judge(course.cluster, course.upstream, course.disk, course.end, &report)
        report.judgedSeconds = Date().timeIntervalSince(played)
        return report
    }
}
