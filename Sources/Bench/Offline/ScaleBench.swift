import Engine
import Foundation
import Journal
import Terminal

/// Whether cost grows with the work only: the same work among ever more prospects, and over ever more partitions, on
/// one core.
struct ScaleBench {
    let sizes: BenchSizes
    let folder: String

    func run(_ report: inout BenchReport) throws {
        var costs: [Double] = []
        for prospects in sizes.prospectsOfScale {
            costs.append(try measure(prospects: prospects, partitions: 1, &report))
        }
        if let few = costs.first, let many = costs.last {
            report.add(
                Figure(
                    "P9", "processor time of an event among the most prospects", many, "ns", goal: .ratioAtMost(2),
                    beside: ("the same among the fewest", few)))
        }
        for partitions in sizes.partitionsOfScale {
            _ = try measure(prospects: sizes.prospects, partitions: partitions, &report)
        }
    }

    /// - Returns: what an event cost, in nanoseconds of processor time.
    private func measure(prospects: Int, partitions: Int, _ report: inout BenchReport) throws -> Double {
        let data = "\(folder)/scale-data"
        defer { try? FileManager.default.removeItem(atPath: data) }
        let before = ProcessMemory.anonymousBytes
        let disk = TimedFileSystem()
        let engine = try OfflineEngine(
            configuration: FlatEvents.configuration(data: data), partitions: partitions,
            activation: BenchTraffic.start, fileSystem: disk, journal: sizes.journal)
        let feed = OfflineFeed(engine, prospects: prospects, partitions: partitions, disk: disk.times)
        let among =
            "\(NumberText.grouped(Int64(prospects))) prospects, \(partitions) partition\(partitions == 1 ? "" : "s")"
        let isLargest = prospects == sizes.prospectsOfScale.last && partitions == 1
        try grow(feed, isLargest: isLargest, &report)
        let grown = ProcessMemory.anonymousBytes - before
        let count = Double(engine.prospectCount)
        report.add(
            Figure(
                "P9", "memory per prospect, \(among)", Double(engine.prospectBytes) / count, "bytes",
                goal: isLargest ? .atMost(96) : nil,
                note: "the process grew by \(BenchReport.text(Double(max(0, grown)) / count)) bytes for each"))
        feed.reset()
        try feed.update(sizes.measuredEvents)
        try feed.finish()
        let nanoseconds = feed.processorSeconds / Double(feed.eventCount) * 1e9
        report.add(
            Figure(
                "P9", "events among \(among)", Double(feed.eventCount) / feed.seconds, "events/s",
                note: "\(BenchReport.text(nanoseconds)) ns of processor time each"))
        if isLargest { try snapshot(feed, &report) }
        try engine.close()
        return nanoseconds
    }

    /// Opens every prospect: the table grows, and segments are rolled.
    private func grow(_ feed: OfflineFeed, isLargest: Bool, _ report: inout BenchReport) throws {
        try feed.open()
        try feed.finish()
        guard isLargest else { return }
        addStep("longest batch while the table grows and segments are rolled", feed, &report)
    }

    /// Goes on with the same work while another thread makes a snapshot of all.
    private func snapshot(_ feed: OfflineFeed, _ report: inout BenchReport) throws {
        let work = feed.engine.prepareSnapshots()
        feed.reset()
        let watch = Stopwatch()
        let snapshot = Background("snapshot", work)
        repeat { try feed.update(OfflineFeed.batchEvents) } while snapshot.result == nil
        let seconds = watch.seconds
        try snapshot.wait()
        try feed.finish()
        addStep("longest batch while a snapshot is made", feed, &report)
        report.add(
            Figure(nil, "a snapshot of the most prospects", seconds, "s", note: "events were folded meanwhile"))
    }

    /// Without the time in which the thread waited for a processor: another program may have it.
    private func addStep(_ name: String, _ feed: OfflineFeed, _ report: inout BenchReport) {
        let longest = feed.longest
        let batches = Double(feed.eventCount) / Double(OfflineFeed.batchEvents)
        func milliseconds(_ seconds: Double) -> String { "\(BenchReport.text(seconds * 1000)) ms" }
        report.add(
            Figure(
                "P9", name, longest.ownSeconds * 1000, "ms", goal: .atMost(50),
                beside: ("the average batch", feed.processorSeconds / batches * 1000),
                note:
                    "\(milliseconds(longest.processorSeconds)) computed, "
                    + "\(milliseconds(longest.diskSeconds)) waiting for the disk; "
                    + "the machine was busy otherwise for \(milliseconds(longest.queueSeconds)) more"
            ))
    }
}
