import Engine
import Foundation

/// What a commit waits for the disk, beside a bare loop that writes as many bytes to a file and syncs them: in turns,
/// so that both have the same disk.
struct SyncBench {
    let sizes: BenchSizes
    let folder: String

    private static let bareBytes = 64 << 20

    func run(_ report: inout BenchReport) throws {
        let data = "\(folder)/sync-data"
        defer { try? FileManager.default.removeItem(atPath: data) }
        let fileSystem = TimedFileSystem()
        let engine = try OfflineEngine(
            configuration: FlatEvents.configuration(data: data), partitions: 1, activation: BenchTraffic.start,
            fileSystem: fileSystem, journal: sizes.journal)
        let feed = OfflineFeed(engine, prospects: sizes.prospects, partitions: 1)
        let bare = try BareFile("\(folder)/bare", bytes: Self.bareBytes)
        var (own, others): ([Double], [Double]) = ([], [])
        for _ in 0..<sizes.syncs {
            try feed.update(sizes.eventsPerSync)
            _ = fileSystem.times.takeSyncs()
            try feed.finish()
            for sync in fileSystem.times.takeSyncs() {
                own.append(sync.seconds)
                try bare.write(sync.bytes)
                let watch = Stopwatch()
                try bare.sync()
                others.append(watch.seconds)
            }
        }
        try engine.close()
        let (ours, bares) = (Percentiles(own), Percentiles(others))
        report.add(
            Figure(
                "P7", "sync of the journal, p99", ours[0.99] * 1000, "ms", goal: .ratioAtMost(1.5),
                beside: ("a bare fdatasync loop's", bares[0.99] * 1000), note: "\(ours.count) syncs"))
        report.add(
            Figure(
                "P7", "sync of the journal, median", ours.middle * 1000, "ms",
                beside: ("a bare fdatasync loop's", bares.middle * 1000)))
    }
}
