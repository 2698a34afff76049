import Chaos
import Dispatch
import Foundation
import KafkaTestSupport

/// `winback-chaos [--cycles N] [--seed S] [--minutes M] [--only WORDS]`: disturbs Winback on a real broker until a promise is broken.
@main
struct Main {
    static func main() {
        guard RealBroker.isAvailable else {
            complain(
                "KAFKA_HOME is not set: unpack a Kafka 4 distribution (https://kafka.apache.org/downloads) and name its folder"
            )
        }
        var settings = ChaosSettings(cycles: 100, seed: .random(in: 0..<1 << 32)) { line in
            print(line)
            fflush(nil)
        }
        var words = Array(CommandLine.arguments.dropFirst())
        while !words.isEmpty {
            let word = words.removeFirst()
            guard let text = words.first else { complain(usage) }
            words.removeFirst()
            switch word {
            case "--cycles": settings.cycles = Int(number(text))
            case "--seed": settings.seed = number(text)
            case "--minutes": settings.minutes = Double(number(text))
            case "--only": settings.disturbances = disturbances(text)
            default: complain(usage)
            }
        }
        settings.say("seed \(settings.seed)")
        let chaos: Chaos
        do { chaos = try Chaos(settings) } catch { complain("\(error)", code: 1) }
        let signals = [SIGINT, SIGTERM].map { abandon(chaos, on: $0) }
        let report = chaos.run()
        for source in signals { source.cancel() }
        settings.say(report.text)
        exit(report.isClean ? 0 : 1)
    }

    private static let usage = "usage: winback-chaos [--cycles N] [--seed S] [--minutes M] [--only WORDS]"

    private static func number(_ text: String) -> UInt64 {
        guard let number = UInt64(text), number > 0 else { complain(usage) }
        return number
    }

    private static func disturbances(_ words: String) -> [Disturbance] {
        let chosen = Disturbance.allCases.filter { $0.rawValue.contains(words) }
        guard !chosen.isEmpty else {
            complain("--only takes words out of: " + Disturbance.allCases.map(\.rawValue).joined(separator: "; "))
        }
        return chosen
    }

    private static func complain(_ words: String, code: Int32 = 64) -> Never {
        FileHandle.standardError.write(Data("\(words)\n".utf8))
        exit(code)
    }

    /// The oracle, and with it each Winback, ends with this process; the rest is ended here.
    private static func abandon(_ chaos: Chaos, on number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        // Touches what does not change any more.
        nonisolated(unsafe) let chaos = chaos
        source.setEventHandler {
            chaos.abandon()
            exit(130)
        }
        source.resume()
        return source
    }
}
