import Engine
import Journey

/// Every command that was decided, oldest first within each partition.
public struct CommandList {
    /// Which commands are wanted; an empty filter wants all.
    public struct Filter: Sendable {
        /// Of the emission.
        public var from = Instant.distantPast
        public var until = Instant.distantFuture
        public var policy: String?
        public var template: String?
        public var tenant: String?
        /// `nil`: anyone's.
        public var people: Set<PersonFinder.Found>?

        public init() {}
    }

    private let source: AuditSource
    private let filter: Filter
    private let pending: Bool

    public init(_ source: AuditSource, _ filter: Filter = Filter(), pending: Bool = false) {
        self.source = source
        self.filter = filter
        self.pending = pending
    }

    /// - Returns: of how many commands the tenant was asked for and is not known any more.
    @discardableResult
    public func visit(
        progress: @escaping JournalWalk.Progress = { _ in },
        _ body: @escaping (CommandRow, PersonalData?) throws -> Void
    ) throws -> Int {
        var unknown = 0
        for partition in try source.partitions() {
            if let people = filter.people, !people.contains(where: { $0.partition == partition }) { continue }
            let people = try PeopleLookup(source, partition: partition, progress: progress)
            let reading = try ShardReading(source, partition: partition, pending: pending)
            try reading.read(
                progress: progress,
                commands: { row in
                    guard admits(row) else { return }
                    let person = try people.person(row.prospect, row.records)
                    if let tenant = filter.tenant {
                        if person == nil { unknown += 1 }
                        guard person?.tenant == tenant else { return }
                    }
                    try body(row, person)
                })
        }
        return unknown
    }

    private func admits(_ row: CommandRow) -> Bool {
        guard row.emitted >= filter.from, row.emitted < filter.until else { return false }
        if let policy = filter.policy, policy != row.version.policy.name { return false }
        if let template = filter.template, template != row.template { return false }
        return filter.people?.contains(PersonFinder.Found(partition: row.partition, prospect: row.prospect)) ?? true
    }
}
