import Foundation

/// A report as JSON, for `--compare` and for other programs.
struct ReportFile: Codable, Sendable {
    static let currentVersion = 1

    var version = ReportFile.currentVersion
    /// Seconds since 1970.
    var startedAt: Int64
    var machine: Machine
    /// What the sizes were: reports of other sizes are not comparable.
    var prospects: Int
    var figures: [Entry]

    struct Machine: Codable, Sendable, Equatable {
        var name: String
        var processors: Int
    }

    struct Entry: Codable, Sendable {
        var goal: String?
        var figure: String
        var unit: String
        /// The middle of all runs.
        var value: Double
        var values: [Double]
        var wanted: Wanted?
        var met: Bool?
        var beside: Beside?
        /// The value by what was measured beside it.
        var ratio: Double?
        var note: String?

        struct Wanted: Codable, Sendable {
            var kind: String
            var limit: Double
        }

        struct Beside: Codable, Sendable {
            var name: String
            var values: [Double]
        }

        init(_ figure: Figure, isJudged: Bool) {
            goal = figure.goalID
            self.figure = figure.name
            unit = figure.unit
            value = figure.value
            values = figure.values
            wanted = figure.goal.map { Wanted(kind: $0.kind.rawValue, limit: $0.limit) }
            met = isJudged ? figure.isMet : nil
            beside = figure.beside.map { Beside(name: $0.name, values: $0.values) }
            ratio = figure.ratio
            note = figure.note
        }

        /// Run by run.
        var ratios: [Double] { beside.map { Ratios.of(values, by: $0.values) } ?? [] }

        /// Whether less is better, where that is known: of a goal, or of a unit that is a time or a size.
        var isCost: Bool {
            if let kind = wanted.flatMap({ Goal.Kind(rawValue: $0.kind) }) { return Goal(kind: kind, limit: 0).isCost }
            return !unit.contains("/s")
        }
    }

    init(_ report: BenchReport, startedAt: Date, prospects: Int) {
        self.startedAt = Int64(startedAt.timeIntervalSince1970)
        machine = Machine(
            name: ProcessInfo.processInfo.hostName, processors: ProcessInfo.processInfo.activeProcessorCount)
        self.prospects = prospects
        figures = report.figures.map { Entry($0, isJudged: report.judges) }
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw BenchError("\(path) can't be written: \(error)")
        }
    }

    static func read(_ path: String) throws -> ReportFile {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BenchError("\(path) can't be read: name a file that --json has written")
        }
        let file: ReportFile
        do { file = try JSONDecoder().decode(ReportFile.self, from: data) } catch {
            throw BenchError("\(path) is no report of winback-bench: name a file that --json has written (\(error))")
        }
        guard file.version == currentVersion, file.figures.allSatisfy({ !$0.values.isEmpty }) else {
            throw BenchError("\(path) is a report of version \(file.version), this program reads \(currentVersion)")
        }
        return file
    }
}
