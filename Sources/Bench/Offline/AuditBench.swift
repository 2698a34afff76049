import Audit
import Journal

/// How fast an auditor's tools go over a journal that an engine has written: on one core, as there is one partition.
struct AuditBench {
    /// The data directory.
    let data: String

    func run(_ report: inout BenchReport) throws {
        let source = try AuditSource(path: data, fileSystem: POSIXFileSystem())
        let bytes = try source.directory.shards().reduce(0) {
            $0 + (try ShardHead.read(source, partition: $1).end)
        }
        let verifying = Stopwatch()
        let verified = try JournalVerification(source).run()
        let (seconds, processor) = (verifying.seconds, verifying.threadSeconds)
        guard verified.allSatisfy(\.isSound) else { throw BenchError("the journal does not verify") }
        let facts = verified.reduce(0) { $0 + $1.facts }
        report.add(
            Figure(
                "P3", "journal verified, snapshots proved", Double(facts) / seconds, "facts/s",
                goal: .atLeast(3_000_000),
                note: "\(facts) facts, \(BenchReport.text(Double(bytes) / seconds / 1e6)) MB/s, "
                    + "\(BenchReport.text(processor / Double(facts) * 1e9)) ns of processor time a fact"))
        let replaying = Stopwatch()
        let replayed = try ReplayAudit(source).run(keepsCommands: false)
        let (replaySeconds, replayProcessor) = (replaying.seconds, replaying.threadSeconds)
        guard replayed.allSatisfy({ $0.differenceCount == 0 }) else {
            throw BenchError("the journal is decided otherwise now: \(replayed.flatMap(\.differences).prefix(3))")
        }
        let replayedFacts = Double(replayed.reduce(0) { $0 + $1.tally.facts })
        report.add(
            Figure(
                "P3", "journal replayed, every decision compared", replayedFacts / replaySeconds, "facts/s",
                goal: .atLeast(3_000_000), beside: ("verifying alone", Double(facts) / seconds),
                note: "\(replayed.reduce(0) { $0 + $1.tally.commands }) commands, "
                    + "\(BenchReport.text(replayProcessor / replayedFacts * 1e9)) ns of processor time a fact"))
    }
}
