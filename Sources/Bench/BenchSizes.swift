import Journal

/// How much is measured with.
struct BenchSizes: Sendable {
    var prospects: Int
    var isSmall: Bool
    /// Of the journal in which one person is looked for.
    var journalBytes: Int

    static let usualProspects = 1_000_000
    static let smallProspects = 20_000
    static let usualJournalBytes = 10 << 30
    static let smallJournalBytes = 100 << 20

    /// Some four events a prospect.
    var events: Int { prospects * 4 }
    var traffic: BenchTraffic { BenchTraffic(events: events, prospects: prospects) }

    /// From a hundredth to tenfold.
    var prospectsOfScale: [Int] { [max(64, prospects / 100), max(64, prospects / 10), prospects, prospects * 10] }
    var partitionsOfScale: [Int] { [4, 16, 64] }
    /// Events of which the cost is measured among so many prospects.
    var measuredEvents: Int { isSmall ? prospects : max(prospects, 100_000) }
    /// Enough for a 99th percentile.
    var syncs: Int { isSmall ? 100 : 500 }
    /// Events of a commit whose sync is measured: what a tenth of a second brings at 100,000 events a second.
    var eventsPerSync: Int { isSmall ? 100 : 10_000 }
    /// Segments are prepared ahead: with many partitions small ones spare a small run some gigabytes of zeros.
    var journal: JournalSettings {
        isSmall ? JournalSettings(segmentBytes: 4 << 20, maximumFrameBytes: 1 << 20) : JournalSettings()
    }
    /// For how long events are sent before latencies are measured: a broker that has just been started compiles itself first.
    var warmingSeconds: Double { isSmall ? 1 : 5 }
    /// For how long transactions are committed before those of a backlog are measured, for the same reason.
    var brokerWarmingSeconds: Double { isSmall ? 1 : 15 }
    /// For how long events are sent at a steady pace.
    var steadySeconds: Double { isSmall ? 3 : 10 }
}
