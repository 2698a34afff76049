import Foundation
import Terminal

/// What the command line asks for.
struct BenchOptions: Sendable {
    var parts: Set<BenchPart>?
    var isSmall = false
    var prospects: Int?
    var journalBytes: Int?
    var runs = 1
    var jsonPath: String?
    var bootstrapServers: String?
    var peers: [Peer] = []
    /// Where everything is written that is measured with.
    var folder = FileManager.default.temporaryDirectory.path
    /// Reports that are compared, and nothing is measured.
    var comparison: (before: String, after: String)?
    var asksForHelp = false

    var sizes: BenchSizes {
        BenchSizes(
            prospects: prospects ?? (isSmall ? BenchSizes.smallProspects : BenchSizes.usualProspects), isSmall: isSmall,
            journalBytes: journalBytes ?? (isSmall ? BenchSizes.smallJournalBytes : BenchSizes.usualJournalBytes))
    }

    static var usage: String {
        let width = BenchPart.allCases.map(\.rawValue.count).max() ?? 0
        let parts = BenchPart.allCases.map { part in
            "  " + part.rawValue + String(repeating: " ", count: width - part.rawValue.count + 2) + part.help
        }
        return """
            usage: scripts/bench [OPTIONS]
                   scripts/bench --compare BEFORE AFTER

            Measures speed and memory on this machine: every figure with its unit, what is wanted (P1 to P9), and its
            ratio to a peer or a limit that is measured in the same run. A full run takes some ten minutes and some
            20 GB of disk.

              --only PARTS          these parts alone, by name or goal, parted by commas: --only timers,P7
              --small               20,000 prospects, in under two minutes: shows that all of it works, judges nothing
              --prospects N         with so many (1,000,000); the scale goes from a hundredth of them to tenfold
              --runs N              everything N times: values are the middle of the runs, with their spread
              --json FILE           writes the figures to a file, too
              --kafka HOST:PORT     the broker to measure with; without it one is started on loopback, if KAFKA_HOME
                                    names a Kafka 4. Without either, parts that need one are left out
              --peer NAME=COMMAND   another program for the same job on the same topic; may be repeated. The shell
                                    runs it with BENCH_SERVERS, BENCH_TOPIC, BENCH_OUTPUT_TOPIC, BENCH_EVENTS,
                                    BENCH_PARTITIONS and BENCH_FOLDER set; it ends when it has read all events, and
                                    prints events_per_s=NUMBER (else it is timed with its start). Events are flat
                                    JSON, keyed by prospect_id
              --journal-bytes SIZE  of the journal that explain reads: 500M, 10G (the default)
              --folder DIR          where to write what is measured with; put it on the disk that you ask about (the
                                    system's folder for temporary files)
              --compare BEFORE AFTER
                                    shows what has changed between two files of --json, or two lists of files parted
                                    by commas: before1.json,before2.json after.json. With several runs on both sides
                                    a change is better or worse if no run of one side lies among those of the other,
                                    else within the spread

            parts:
            \(parts.joined(separator: "\n"))
            """
    }

    init(_ arguments: [String]) throws {
        var words = arguments[...]
        while let word = words.popFirst() {
            func value() throws -> String {
                guard let value = words.popFirst() else { throw BenchError("\(word) needs a value; see --help") }
                return value
            }
            switch word {
            case "--help", "-h": asksForHelp = true
            case "--small": isSmall = true
            case "--only": parts = try Self.parts(value())
            case "--prospects": prospects = try Self.number(word, value(), atLeast: 64)
            case "--journal-bytes": journalBytes = try Self.bytes(word, value())
            case "--runs": runs = try Self.number(word, value(), atLeast: 1)
            case "--json": jsonPath = try value()
            case "--kafka": bootstrapServers = try value()
            case "--folder": folder = try value()
            case "--peer":
                let text = try value()
                guard let peer = Peer(text) else { throw BenchError("--peer \(text) is not NAME=COMMAND") }
                peers.append(peer)
            case "--compare": comparison = (try value(), try value())
            default: throw BenchError("unknown option \(word); see --help")
            }
        }
    }

    private static func parts(_ text: String) throws -> Set<BenchPart> {
        var parts: Set<BenchPart> = []
        for word in text.split(separator: ",") {
            let named = BenchPart.allCases.filter { $0.rawValue == word || $0.goals.contains(word.uppercased()) }
            guard !named.isEmpty else {
                let names = BenchPart.allCases.map(\.rawValue).joined(separator: ", ")
                throw BenchError("--only \(word): there are \(names), and P1 to P9")
            }
            parts.formUnion(named)
        }
        return parts
    }

    private static func number(_ option: String, _ text: String, atLeast least: Int) throws -> Int {
        guard let number = Int(text.replacing("_", with: "")), number >= least else {
            throw BenchError("\(option) \(text) is not a whole number of \(least) or more")
        }
        return number
    }

    private static func bytes(_ option: String, _ text: String) throws -> Int {
        let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
        let shift = text.last.flatMap { shifts[$0] }
        guard let number = Int(shift == nil ? text : String(text.dropLast())), number > 0,
            number < 1 << 20 || shift == nil
        else { throw BenchError("\(option) \(text) is not a size such as 500M or 10G") }
        return number << (shift ?? 0)
    }
}
