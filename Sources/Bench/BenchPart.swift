/// A part of the benchmark that can be asked for by its name, or by the goals that it measures.
enum BenchPart: String, CaseIterable, Sendable {
    case file, timers, sync, scale, kafka, transactions, peers, restart, overdue, latency, shapes, explain

    var goals: [String] {
        switch self {
        case .file: ["P1", "P3", "P6"]
        case .timers: ["P4"]
        case .sync: ["P7"]
        case .scale: ["P9"]
        case .kafka, .peers: ["P2"]
        case .transactions: ["P8"]
        case .restart: ["P6"]
        case .overdue: ["P5"]
        case .latency: ["P7"]
        case .shapes, .explain: []
        }
    }

    var needsBroker: Bool {
        switch self {
        case .kafka, .transactions, .peers, .restart, .overdue, .latency: true
        case .file, .timers, .sync, .scale, .shapes, .explain: false
        }
    }

    /// Whether a run without a choice has it.
    var isUsual: Bool {
        switch self {
        case .shapes, .explain: false
        case .file, .timers, .sync, .scale, .kafka, .transactions, .peers, .restart, .overdue, .latency: true
        }
    }

    var help: String {
        switch self {
        case .file: "P1, P3: from a file to journal and commands; restored, verified, replayed, indexed"
        case .timers: "P4: the timer queue alone, and due timers decided and journalled"
        case .sync: "P7: the journal's syncs beside a bare fdatasync loop"
        case .scale: "P9: events/s, memory and longest batch among few prospects and many, and over 1 to 64 partitions"
        case .kafka: "P2: Kafka to commands, exactly once, beside a bare consumer"
        case .transactions: "P8: the same with and without transactions"
        case .peers: "P2: beside the peers that --peer names"
        case .restart: "P6: kill -9, and how long until the first tick"
        case .overdue: "P5: everybody's reminder overdue at once"
        case .latency: "P7: event to journal, due reminder to reader"
        case .shapes: "events of another shape beside the default one (only if asked for)"
        case .explain: "one person explained in a large journal (only if asked for)"
        }
    }
}
