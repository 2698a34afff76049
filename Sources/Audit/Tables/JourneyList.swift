import Engine
import Journey

/// All journeys as they stood at an instant, the oldest first.
public struct JourneyList {
    /// Which journeys are wanted; an empty filter wants all.
    public struct Filter: Sendable {
        public var policy: String?
        public var tenant: String?
        /// By name; empty: all.
        public var statuses: Set<String> = []
        /// `nil`: anyone's.
        public var people: Set<PersonFinder.Found>?

        public init() {}
    }

    private let source: AuditSource
    private let asOf: Instant
    private let filter: Filter
    private let pending: Bool

    public init(
        _ source: AuditSource, asOf: Instant = .distantFuture, _ filter: Filter = Filter(), pending: Bool = false
    ) {
        self.source = source
        self.asOf = asOf
        self.filter = filter
        self.pending = pending
    }

    /// - Returns: of how many journeys the tenant was asked for and is not known any more.
    @discardableResult
    public func visit(
        progress: JournalWalk.Progress = { _ in }, _ body: (JourneyRow, PersonalData?) throws -> Void
    ) throws -> Int {
        var unknown = 0
        var rows: [JourneyRow] = []
        var lookups: [Int32: PeopleLookup] = [:]
        for partition in try source.partitions() {
            if let people = filter.people, !people.contains(where: { $0.partition == partition }) { continue }
            let reading = try ShardReading(source, partition: partition, asOf: asOf, pending: pending)
            try reading.read(progress: progress)
            reading.forEachJourney { if admits($0) { rows.append($0) } }
            lookups[partition] = try PeopleLookup(source, partition: partition, progress: progress)
        }
        rows.sort { ($0.openedAt, $0.id.reference) < ($1.openedAt, $1.id.reference) }
        for row in rows {
            let person = try lookups[row.partition]?.person(row.prospect, row.records)
            if let tenant = filter.tenant {
                if person == nil { unknown += 1 }
                guard person?.tenant == tenant else { continue }
            }
            try body(row, person)
        }
        return unknown
    }

    private func admits(_ row: JourneyRow) -> Bool {
        if let policy = filter.policy, policy != row.version.policy.name { return false }
        guard filter.statuses.isEmpty || filter.statuses.contains(row.status.name) else { return false }
        return filter.people?.contains(PersonFinder.Found(partition: row.partition, prospect: row.prospect)) ?? true
    }
}
