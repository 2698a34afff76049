import Configuration
import Engine
import Journal
import Journey

/// What other policies would have done over what a data directory's journals hold.
///
/// Reads every journal from its beginning, as many at a time as there are processors. In memory are two states of each shard
/// that is being read, and what is still open: the journal's length does not matter.
public struct Backtest: Sendable {
    private let source: AuditSource
    private let policies: ProposedPolicies
    private let period: Range<Instant>
    private let examples: Int

    private static let progressBytes: UInt64 = 1 << 20

    /// - Parameters:
    ///   - period: of the openings' own times: which journeys count.
    ///   - examples: of how many people it is said who they are, of each policy and side.
    public init(_ source: AuditSource, _ policies: ProposedPolicies, period: Range<Instant>, examples: Int) {
        self.source = source
        self.policies = policies
        self.period = period
        self.examples = examples
    }

    /// About how many bytes there are to be read.
    public func journalBytes() throws -> Int64 { Int64(try source.confirmedBytes()) }

    /// - Parameter progress: is told of so many more bytes that have been read; from any thread.
    /// - Throws: `JournalError` on damage, and what was wrong with the journal's records.
    public func run(progress: @escaping @Sendable (Int64) -> Void = { _ in }) throws -> BacktestResult {
        var sum = BacktestResult()
        for result in try source.forEachPartition({ try run($0, progress) }) { sum.add(result, examples: examples) }
        try name(&sum)
        return sum
    }

    private func run(_ partition: Int32, _ progress: @Sendable (Int64) -> Void) throws -> BacktestResult {
        let path = source.directory.shardPath(partition)
        let fold = BacktestFold(
            policies, key: source.directory.key, period: period, partition: partition, examples: examples)
        guard let first = try JournalReader.beginnings(of: path, fileSystem: source.fileSystem).first else {
            return fold.finish()
        }
        let end = try ShardHead.read(source, partition: partition).head.position
        let reader = try JournalReader(
            directory: path, fileSystem: source.fileSystem, from: first, verification: .checksum)
        var reported = first
        while reader.head.position < end, let frame = try reader.next() {
            try fold.apply(frame)
            guard reader.head.position - reported >= Self.progressBytes else { continue }
            progress(Int64(reader.head.position - reported))
            reported = reader.head.position
        }
        return fold.finish()
    }

    /// Reads who the examples are, as far as their data still exists.
    private func name(_ result: inout BacktestResult) throws {
        var records: [Int32: PersonalRecords] = [:]
        func name(_ example: inout BacktestExample) throws {
            guard example.record != .none else { return }
            if records[example.partition] == nil {
                records[example.partition] = try PersonalRecords(
                    directory: source.directory.shardPath(example.partition), fileSystem: source.fileSystem)
            }
            do {
                guard
                    let person = try records[example.partition]?.withPersonal(
                        at: example.record.rawValue, { JournalState.Person(record: $0) })
                else { return }
                example.prospectID = person.prospectID
                example.email = person.email
            } catch let error as JournalError where error.code == .destroyed {
                return
            }
        }
        for policy in result.policies.indices {
            for index in result.policies[policy].recordedExamples.indices {
                try name(&result.policies[policy].recordedExamples[index])
            }
            for index in result.policies[policy].candidateExamples.indices {
                try name(&result.policies[policy].candidateExamples[index])
            }
        }
    }
}
