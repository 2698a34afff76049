import Foundation
import KafkaTestSupport
import Testing

/// That every figure is there. What they are is not judged: that is the benchmark's own work, on a machine that is
/// quiet.
@Suite struct BenchRunTests {
    private static let offline = [
        "file -> state -> journal, synced", "file -> state -> journal, synced -> commands",
        "state restored from snapshot and journal", "journal verified, snapshots proved",
        "journal replayed, every decision compared",
        "timers queued", "memory of a timer", "timers moved to later", "timers moved to earlier",
        "timers taken out, by their seconds", "timers taken out in exact (due, journey) order",
        "due timers decided, made commands and journalled, synced",
        "sync of the journal, p99", "sync of the journal, median",
        "memory per prospect, 500 prospects, 1 partition", "events among 500 prospects, 1 partition",
        "memory per prospect, 5,000 prospects, 1 partition", "events among 5,000 prospects, 1 partition",
        "events among 500 prospects, 64 partitions",
        "processor time of an event among the most prospects",
        "longest batch while the table grows and segments are rolled", "longest batch while a snapshot is made",
    ]

    private static let broker = [
        "bare consumer", "Kafka -> state -> journal -> commands, exactly once", "with transactions",
        "Winback on the peers' topic, to the last commit of a command", "Winback, beside a counter",
        "kill -9 -> first tick of every partition, broker included", "overdue reminders published, each once",
        "longest wait of other events behind them, until committed",
        "event sent -> durable in the journal, p99", "event sent -> committed on the broker, p99",
        "reminder due -> read by a read_committed consumer, p99",
    ]

    private static func expectAll(_ names: [String], in figures: [String: Double]) {
        for name in names {
            let value = figures[name]
            #expect(value ?? 0 > 0, "\(name): \(value.map { "\($0)" } ?? "is missing")")
        }
    }

    @Test func everyFigureThatNeedsNoBrokerIsMeasuredAndCanBeCompared() async throws {
        let program = try BenchProgram()
        defer { program.remove() }
        let parts = ["--only", "file,timers,sync,scale"]
        Self.expectAll(Self.offline, in: try await program.measure(parts, json: "before.json"))
        _ = try await program.measure(["--only", "timers", "--runs", "2"], json: "after.json")
        let comparison = try await program.run(["--compare", "before.json", "after.json"])
        #expect(comparison.code == 0, "\(comparison.errors)")
        let queued = try #require(comparison.output.split(separator: "\n").first { $0.contains("timers queued") })
        #expect(queued.contains("±"), "two runs have a spread: \(queued)")
        let left = try #require(comparison.output.split(separator: "\n").first { $0.contains("file -> state") })
        #expect(left.contains("only before"), "\(left)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: program.folder.path).allSatisfy {
                !$0.hasPrefix("winback-bench-")
            })
    }

    @Test func onePersonIsExplainedWithAndWithoutIndexes() async throws {
        let program = try BenchProgram()
        defer { program.remove() }
        let figures = try await program.measure(["--only", "explain", "--journal-bytes", "30M"], json: "explain.json")
        Self.expectAll(
            [
                "one person explained, with indexes", "one person explained, without indexes",
                "one person explained by id without a tenant, with indexes",
            ], in: figures)
    }

    @Test func partsThatNeedABrokerAreNamedWhereThereIsNone() async throws {
        let program = try BenchProgram()
        defer { program.remove() }
        let ending = try await program.run(["--small", "--only", "latency,P5", "--folder", program.folder.path])
        #expect(ending.code == 0)
        #expect(ending.errors.contains("left out: overdue, latency"), "\(ending.errors)")
    }

    @Test(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
    func everyFigureOfARealBrokerIsMeasured() async throws {
        let program = try BenchProgram()
        defer { program.remove() }
        let peer = #"a counter=test "$BENCH_EVENTS" -gt 0 && test -n "$BENCH_TOPIC" && echo "done events_per_s=125.5""#
        let figures = try await program.measure(
            [
                "--only", "kafka,transactions,peers,restart,overdue,latency", "--peer", peer, "--kafka",
                try RealBroker.shared.bootstrapServers,
            ], json: "kafka.json")
        Self.expectAll(Self.broker, in: figures)
    }
}
