import Engine
import Journal
import Journey
import Records

/// Finds the people whom a question is about in the journals of a data directory: by keyed hashes where those say it, else by
/// what personal records say.
public struct PersonFinder {
    /// A prospect, and the journal that has it.
    public struct Found: Hashable, Sendable, Comparable {
        public var partition: Int32
        public var prospect: ProspectKey

        public static func < (a: Found, b: Found) -> Bool { (a.partition, a.prospect) < (b.partition, b.prospect) }
    }

    public struct Result: Sendable {
        public var found: [Found] = []
        /// What was asked for is a message that is about nobody, and what became of it.
        public var message: PassedMessage?
        /// The tenants among whose prospects was searched where nothing was found at first.
        public var tenants: [String] = []
    }

    private let source: AuditSource
    private let question: PersonQuestion
    private let names: PersonNames
    private let pending: Bool

    public init(_ source: AuditSource, _ question: PersonQuestion, pending: Bool = false) {
        self.source = source
        self.question = question
        self.pending = pending
        names = PersonNames(key: source.directory.key)
    }

    /// - Parameter progress: is told of so many more bytes that have been read.
    public func find(progress: JournalWalk.Progress = { _ in }) throws -> Result {
        var result = Result()
        var search = PersonSearch(question, names)
        try look(for: &search, search.indexKeys, progress)
        if search.found.isEmpty, search.isNamedInRecords {
            // Where people are told apart by address, the id is in their records alone.
            try look(for: &search, nil, progress)
        }
        if search.found.isEmpty, search.message == nil, search.mayBeOfAnyTenant {
            // Of a person whose data has gone the key tells, and that needs the tenant.
            result.tenants = try tenants(progress)
            search.addKeys(of: result.tenants, names)
            try look(for: &search, search.indexKeys, progress)
        }
        result.found = search.found.sorted()
        result.message = search.message
        return result
    }

    /// - Parameter keys: what finds all that matters in an index; `nil`: everything is looked through.
    private func look(
        for search: inout PersonSearch, _ keys: Set<UInt64>?, _ progress: JournalWalk.Progress
    ) throws {
        var partitions = try source.partitions()
        if case .message(_, let partition, _) = question { partitions = partitions.filter { $0 == partition } }
        for partition in partitions {
            search.partition = partition
            let walk = try JournalWalk(source, partition: partition)
            let seeks = search
            try walk.frames(
                holding: search.cheapMarks, keys: keys, search.neededPart, pending: pending, progress: progress,
                or: { seeks.mustRead($0) },
                { step in
                    try search.read(step)
                    return search.isSettled ? .stop : .goOn
                })
        }
    }

    /// Every tenant that is known by name: from policies, and from what personal records are left.
    private func tenants(_ progress: JournalWalk.Progress) throws -> [String] {
        var tenants: Set<String> = [""]
        for partition in try source.partitions() {
            var history = PolicyHistory(key: source.directory.key)
            try JournalWalk(source, partition: partition).frames(pending: pending, progress: progress) { step in
                try step.frame.forEachPersonal { record in
                    if let bytes = record.bytes { tenants.insert(PersonalData.tenant(bytes)) }
                }
                guard step.frame.holdsSettings else { return }
                var reader = try RecordReader(step.frame.body, position: step.frame.position)
                while let record = try reader.next() { try history.apply(record) }
                for version in history.policies.versions { tenants.formUnion(version.policy.tenants) }
            }
        }
        return tenants.sorted()
    }
}
