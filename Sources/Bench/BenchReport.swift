import Foundation
import Terminal

/// The figures of one run: each with its unit, what is wanted, and a ratio to what the same run measured beside it.
struct BenchReport {
    struct Row {
        var figure: String
        var value: Double
        var unit: String
        /// What is wanted; `nil` for a figure that others are compared with.
        var goal: Double?
        /// Whether less is better.
        var isCost = false
        /// Such as `37 % of a bare consumer`.
        var ratio: String?
    }

    private(set) var rows: [Row] = []

    mutating func add(_ row: Row) {
        rows.append(row)
        FileHandle.standardError.write(Data("  \(row.figure): \(Self.text(row.value)) \(row.unit)\n".utf8))
    }

    func printTable() throws {
        var table = Table(
            [
                Table.Column("figure"), Table.Column("value"), Table.Column("unit"), Table.Column("goal"),
                Table.Column("met"), Table.Column("ratio"),
            ], format: try .fitting(.output), now: 0)
        for row in rows {
            let met = row.goal.map { row.isCost ? row.value <= $0 : row.value >= $0 }
            table.append([
                .text(row.figure), .text(Self.text(row.value)), .text(row.unit),
                .text(row.goal.map { (row.isCost ? "<= " : ">= ") + Self.text($0) }),
                .text(met.map { $0 ? "yes" : "no" }),
                .text(row.ratio),
            ])
        }
        table.finish()
    }

    func write(to path: String) throws {
        let objects = rows.map { row -> [String: Any] in
            var object: [String: Any] = ["figure": row.figure, "value": row.value, "unit": row.unit]
            if let goal = row.goal { object["goal"] = goal }
            if let ratio = row.ratio { object["ratio"] = ratio }
            return object
        }
        let data = try JSONSerialization.data(withJSONObject: objects, options: [.prettyPrinted, .sortedKeys])
        try data.write(to: URL(fileURLWithPath: path))
    }

    static func text(_ value: Double) -> String {
        if value >= 1000 { return grouped(Int(value.rounded())) }
        return String(format: value >= 10 ? "%.1f" : "%.3f", value)
    }

    private static func grouped(_ number: Int) -> String {
        var text = String(number)
        var position = text.count - 3
        while position > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: position))
            position -= 3
        }
        return text
    }
}

/// Wall time and processor time of a piece of work.
struct Stopwatch {
    private let wall = Stopwatch.seconds(CLOCK_MONOTONIC)
    private let thread = Stopwatch.seconds(CLOCK_THREAD_CPUTIME_ID)

    var seconds: Double { Self.seconds(CLOCK_MONOTONIC) - wall }
    /// Processor time of the calling thread.
    var threadSeconds: Double { Self.seconds(CLOCK_THREAD_CPUTIME_ID) - thread }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
