import Foundation
import Simulator

/// Plays the real engine on a simulated disk, network and clock, and judges what comes of it.
@main
struct Main {
    private static let usage = """
        usage: winback-simulate [--seeds N] [--from SEED] | --year | --faults [--part K/N] | --fault POINT

        """

    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        if let seeds = SeedsCommand(words) {
            try seeds.run()
        } else if words == ["--year"] {
            try YearCommand().run()
        } else if let walk = FaultsCommand(words) {
            try walk.run()
        } else {
            FileHandle.standardError.write(Data(usage.utf8))
            exit(64)
        }
    }

    /// At once, also where the output is a file.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}
