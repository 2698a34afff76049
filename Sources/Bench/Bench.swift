import Foundation

/// Runs the parts that were asked for, one after the other, as often as was asked for.
struct Bench {
    private let options: BenchOptions
    private let folder: String
    private let broker: LocalBroker?
    private let bootstrapServers: String?
    private let parts: [BenchPart]

    /// Makes a folder for everything that is written, and starts a broker if one is needed.
    init(_ options: BenchOptions) throws {
        self.options = options
        folder = "\(options.folder)/winback-bench-\(getpid())"
        let wanted = BenchPart.allCases.filter { options.parts?.contains($0) ?? $0.isUsual }
        let needsBroker = wanted.contains { $0.needsBroker && ($0 != .peers || !options.peers.isEmpty) }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch { throw BenchError("\(folder) can't be made: \(error); name another place with --folder") }
        let startsBroker = needsBroker && options.bootstrapServers == nil && LocalBroker.isAvailable
        do { broker = startsBroker ? try LocalBroker("\(folder)/kafka") : nil } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        bootstrapServers = options.bootstrapServers ?? broker?.bootstrapServers
        parts = wanted.filter { [bootstrapServers] in !$0.needsBroker || bootstrapServers != nil }
        let left = wanted.filter { $0.needsBroker }.map(\.rawValue)
        if bootstrapServers == nil, !left.isEmpty {
            let names = left.joined(separator: ", ")
            BenchReport.say("Without a broker (--kafka HOST:PORT, or KAFKA_HOME) these are left out: \(names)")
        }
    }

    /// Stops the broker and removes what was written.
    func close() {
        do { try broker?.stop() } catch { BenchReport.say("winback-bench: \(error)") }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// - Parameter report: has what was measured, also where a part throws.
    func run(_ report: inout BenchReport) throws {
        report.judges = !options.isSmall
        for number in 1...options.runs {
            if options.runs > 1 { BenchReport.say("run \(number) of \(options.runs)") }
            try runOnce(&report)
        }
    }

    private func runOnce(_ report: inout BenchReport) throws {
        for part in parts where !isDone(with: part) {
            BenchReport.say("\(part.rawValue)")
            do { try run(part, &report) } catch { throw BenchError("\(part.rawValue): \(error)") }
        }
    }

    /// Whether another part does this one, too: both have the same topic.
    private func isDone(with part: BenchPart) -> Bool { part == .transactions && parts.contains(.kafka) }

    private func run(_ part: BenchPart, _ report: inout BenchReport) throws {
        let sizes = options.sizes
        let servers = bootstrapServers ?? ""
        switch part {
        case .file: try FileBench(traffic: sizes.traffic, folder: folder).run(&report)
        case .timers: try TimerBench(sizes: sizes, folder: folder).run(&report)
        case .sync: try SyncBench(sizes: sizes, folder: folder).run(&report)
        case .scale: try ScaleBench(sizes: sizes, folder: folder).run(&report)
        case .kafka, .transactions:
            try ThroughputBench(sizes: sizes, folder: folder, bootstrapServers: servers).run(
                speed: part == .kafka, transactions: parts.contains(.transactions), &report)
        case .peers:
            if options.peers.isEmpty { return }
            try PeerBench(sizes: sizes, folder: folder, bootstrapServers: servers, peers: options.peers).run(&report)
        case .restart: try RestartBench(sizes: sizes, folder: folder, bootstrapServers: servers).run(&report)
        case .overdue: try OverdueBench(sizes: sizes, folder: folder, bootstrapServers: servers).run(&report)
        case .latency: try LatencyBench(sizes: sizes, folder: folder, bootstrapServers: servers).run(&report)
        case .shapes:
            let share = BenchTraffic(events: sizes.events / 4, prospects: sizes.prospects / 4)
            try ShapeBench(traffic: share, folder: folder).run(&report)
        case .explain: try ExplainBench(sizes: sizes, folder: folder).run(&report)
        }
    }
}
