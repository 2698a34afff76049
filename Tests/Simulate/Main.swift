import Foundation
import Simulator

/// `winback-simulate [--seeds N] [--from SEED]`: plays one seed after the other until a promise is broken.
@main
struct Main {
    static func main() throws {
        var seeds = 100
        var from: UInt64 = 1
        var words = Array(CommandLine.arguments.dropFirst())
        if let walk = FaultsCommand(words) { return try walk.run() }
        while !words.isEmpty {
            let word = words.removeFirst()
            guard let text = words.first, let number = UInt64(text) else { usage() }
            words.removeFirst()
            switch word {
            case "--seeds": seeds = Int(number)
            case "--from": from = number
            default: usage()
            }
        }
        try play(from..<from + UInt64(seeds))
    }

    private static func usage() -> Never {
        FileHandle.standardError.write(
            Data("usage: winback-simulate [--seeds N] [--from SEED] | --faults [--part K/N] | --fault POINT\n".utf8))
        exit(64)
    }

    private static func play(_ seeds: Range<UInt64>) throws {
        let start = Date()
        var (events, reminders, failures, operations) = (0, 0, 0, 0)
        for seed in seeds {
            let report = try Simulation(seed: seed).run()
            events += report.events
            reminders += report.reminders
            failures += report.powerFailures
            operations += report.operations
            let seconds = Date().timeIntervalSince(start)
            let count = Int(seed - seeds.lowerBound) + 1
            print(
                "seed \(seed): \(report.events) events, \(report.reminders) reminders, \(report.deadLetters) dead letters, "
                    + "\(report.powerFailures) power failures, \(report.operations) operations; "
                    + "\(String(format: "%.2f", Double(count) / seconds)) seeds/s")
            guard report.violations.isEmpty else {
                print("seed \(seed) breaks a promise:")
                for violation in report.violations.prefix(20) { print("  \(violation)") }
                exit(1)
            }
        }
        print(
            "\(seeds.count) seeds, no promise broken: \(events) events, \(reminders) reminders, \(failures) power failures, "
                + "\(operations) operations on disk and network")
    }
}
