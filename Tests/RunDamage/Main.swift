import Damage
import Foundation

/// `winback-damage [--openings N] [--seed N]`: damages a journal in every way there is and prints what was noticed.
@main
struct Main {
    static func main() throws {
        var settings = Trial.Settings()
        var words = Array(CommandLine.arguments.dropFirst())
        while !words.isEmpty {
            let word = words.removeFirst()
            guard let text = words.first, let number = UInt64(text) else { usage() }
            words.removeFirst()
            switch word {
            case "--openings": settings.openings = Int(min(number, 1_000_000))
            case "--seed": settings.seed = number
            default: usage()
            }
        }
        let trial = try Trial(settings)
        print("A journal of \(try trial.description)\n")
        printRow("tried", "times", "detected", "harmless", "missed", "seconds")
        let flips = try trial.flips()
        flips.forEach(printRow)
        let others = try trial.others()
        others.forEach(printRow)
        let all = flips + others
        let missed = all.map(\.missed).reduce(0, +)
        let seconds = flips[0].seconds + (flips.last?.seconds ?? 0)
        let processor = flips[0].processorSeconds + (flips.last?.processorSeconds ?? 0)
        print(
            "\n\(flips.map(\.tried).reduce(0, +)) bits flipped in \(String(format: "%.1f", seconds)) s, "
                + "\(String(format: "%.1f", processor)) s of processor time; \(missed) damages missed")
        for example in all.flatMap(\.examples) { print("missed: \(example)") }
        exit(missed == 0 ? 0 : 1)
    }

    private static func usage() -> Never {
        FileHandle.standardError.write(Data("usage: winback-damage [--openings N] [--seed N]\n".utf8))
        exit(64)
    }

    private static func printRow(_ tally: Tally) {
        printRow(
            tally.name, "\(tally.tried)", "\(tally.detected)", "\(tally.harmless)", "\(tally.missed)",
            String(format: "%.1f", tally.seconds))
    }

    private static func printRow(
        _ name: String, _ tried: String, _ detected: String, _ harmless: String, _ missed: String, _ seconds: String
    ) {
        let cells = [tried, detected, harmless, missed, seconds]
        print(name.padding(toLength: 46, withPad: " ", startingAt: 0) + cells.map { padded($0) }.joined())
    }

    private static func padded(_ text: String) -> String {
        String(repeating: " ", count: max(1, 10 - text.count)) + text
    }
}
