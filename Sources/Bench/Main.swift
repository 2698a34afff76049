import Foundation

@main
struct Main {
    /// Prints every figure of one run.
    ///
    /// `winback-bench [--small] [--shapes] [--json FILE] [--kafka HOST:PORT] [--without-file]`: without a broker the figures
    /// that need one are left out, with `--without-file` those that need none; `--shapes` compares shapes of events, too.
    static func main() {
        do {
            var words = Array(CommandLine.arguments.dropFirst())
            if words.first == "--engine", words.count == 3 {
                let traffic = BenchTraffic(events: 0, prospects: 0)
                try KafkaBench(traffic: traffic, folder: words[1], bootstrapServers: words[2]).serve()
                return
            }
            let options = try Options(&words)
            try run(options)
        } catch {
            FileHandle.standardError.write(Data("winback-bench: \(error)\n".utf8))
            exit(70)
        }
    }

    private static func run(_ options: Options) throws {
        var report = BenchReport()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winback-bench-\(getpid())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let traffic =
            options.isSmall
            ? BenchTraffic(events: 400_000, prospects: 100_000) : BenchTraffic(events: 4_000_000, prospects: 1_000_000)
        if options.hasFile { try FileBench(traffic: traffic, folder: folder).run(&report) }
        if options.comparesShapes {
            let share = BenchTraffic(events: traffic.events / 4, prospects: traffic.prospects / 4)
            try ShapeBench(traffic: share, folder: folder).run(&report)
        }
        if let servers = options.bootstrapServers {
            try KafkaBench(traffic: traffic, folder: folder, bootstrapServers: servers).run(&report)
        }
        try report.printTable()
        if let path = options.jsonPath { try report.write(to: path) }
    }

    private struct Options {
        var isSmall = false
        var hasFile = true
        var comparesShapes = false
        var jsonPath: String?
        var bootstrapServers: String?

        init(_ words: inout [String]) throws {
            while !words.isEmpty {
                let word = words.removeFirst()
                switch word {
                case "--small": isSmall = true
                case "--without-file": hasFile = false
                case "--shapes": comparesShapes = true
                case "--json" where !words.isEmpty: jsonPath = words.removeFirst()
                case "--kafka" where !words.isEmpty: bootstrapServers = words.removeFirst()
                default:
                    throw BenchError(
                        "unknown option \(word); there are --small, --shapes, --json FILE, --kafka HOST:PORT, --without-file"
                    )
                }
            }
        }
    }
}
