import Audit
import Engine
import Foundation
import Glibc
import Journal
import Journey
import Records
import Terminal

/// The whole answer to "why" about one person in a large journal: with the indexes of its segments, and without. What
/// of the journal is in memory is given back before each answer, so that the disk is asked.
struct ExplainBench {
    let sizes: BenchSizes
    let folder: String

    private static let people = 5
    private static let eventsBetweenLooks = 100_000

    func run(_ report: inout BenchReport) throws {
        let data = "\(folder)/explain-data"
        defer { try? FileManager.default.removeItem(atPath: data) }
        let prospects = try write(data)
        let source = try AuditSource(path: data, fileSystem: POSIXFileSystem())
        let size = NumberText.bytes(Int64(try ShardHead.read(source, partition: 0).end))
        let bare = try explain(data, person: prospects / 2, tenant: FlatEvents.tenant)
        let shard = source.directory.shardPath(0)
        _ = try IndexBench.makeIndexes(SegmentIndexes(directory: shard, fileSystem: source.fileSystem), in: shard)
        let times = try (0..<Self.people).map {
            try explain(data, person: prospects / Self.people * $0, tenant: FlatEvents.tenant).seconds
        }
        let byID = try explain(data, person: prospects / 2, tenant: nil)
        report.add(
            Figure(
                "explain", "one person explained, with indexes", Percentiles(times).middle, "s", goal: .atMost(1),
                beside: ("without indexes", bare.seconds),
                note: "a journal of \(size), \(prospects) prospects; the longest of \(Self.people) people took "
                    + "\(BenchReport.text(Percentiles(times).highest)) s"))
        report.add(
            Figure(
                "explain", "one person explained, without indexes", bare.seconds, "s",
                note: "\(bare.sentences) sentences"))
        // Indexes know people by tenant and id: whoever names no tenant has the journal read once to find the person.
        report.add(
            Figure(
                "explain", "one person explained by id without a tenant, with indexes", byID.seconds, "s",
                beside: ("without indexes", bare.seconds)))
    }

    /// Writes a journal of the wanted size.
    ///
    /// - Returns: how many people are in it.
    private func write(_ data: String) throws -> Int {
        let engine = try OfflineEngine(
            configuration: FlatEvents.configuration(data: data), partitions: 1, activation: BenchTraffic.start,
            fileSystem: POSIXFileSystem())
        let feed = OfflineFeed(engine, prospects: sizes.prospects, partitions: 1)
        try feed.open()
        while try Self.diskBytes(data) < sizes.journalBytes { try feed.update(Self.eventsBetweenLooks) }
        try feed.finish()
        try engine.close()
        return sizes.prospects
    }

    private static func diskBytes(_ data: String) throws -> Int {
        try files(data).reduce(0) {
            $0 + ((try? FileManager.default.attributesOfItem(atPath: $1))?[.size] as? Int ?? 0)
        }
    }

    private static func files(_ data: String) throws -> [String] {
        let shard = "\(data)/shards/0"
        return try FileManager.default.contentsOfDirectory(atPath: shard).map { "\(shard)/\($0)" }
    }

    private func explain(_ data: String, person: Int, tenant: String?) throws -> (seconds: Double, sentences: Int) {
        try Self.forget(data)
        let watch = Stopwatch()
        let source = try AuditSource(path: data, fileSystem: POSIXFileSystem())
        let id = FlatEvents.prospectID(of: person)
        let question = PersonQuestion.prospect(id: id, tenant: tenant)
        let found = try PersonFinder(source, question).find().found
        var sentences = 0
        for each in found {
            let history = try HistoryReader.read(source, each)
            sentences += Explainer.explain(history, source, question: question).sentences.count
        }
        guard sentences > 0 else { throw BenchError("nothing could be explained of \(id)") }
        return (watch.seconds, sentences)
    }

    /// Lets the system forget what it holds of the journal's files.
    private static func forget(_ data: String) throws {
        for path in try files(data) {
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            fdatasync(descriptor)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            Glibc.close(descriptor)
        }
    }
}
