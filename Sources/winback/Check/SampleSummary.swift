import Configuration
import Contract
import Engine
import Journey
import Terminal

/// What a sample's messages have in common.
struct SampleSummary {
    private let configuration: Configuration
    private var events: [String: Int] = [:]
    private var refusals: [Refusal.Reason: Int] = [:]
    private var ignored = 0
    /// Events that open a journey, and what their policies ask for: in how many of them each is missing.
    private var openings = 0
    private var missing: [String: Int] = [:]
    private var deadLetters: [(place: String, message: String)] = []
    private var addresses: [String: (withID: Bool, without: Bool)] = [:]

    init(_ configuration: Configuration) { self.configuration = configuration }

    /// How many messages would be dead letters.
    var refused: Int { refusals.values.reduce(0, +) }

    /// How many dead letters are listed one by one.
    private static let shown = 20

    /// - Parameter missing: what an opening lacks that its policies ask for; `nil` for any other message.
    mutating func count(_ verdict: MessageTrial.Verdict, at place: String, missing: [String]?) {
        if let missing {
            openings += 1
            for name in missing { self.missing[name, default: 0] += 1 }
        }
        switch verdict {
        case .tombstone, .unknownType: ignored += 1
        case .refused(let refusal):
            refusals[refusal.reason, default: 0] += 1
            if deadLetters.count < Self.shown { deadLetters.append((place, refusal.message)) }
        case .event(let event):
            events[event.type.name, default: 0] += 1
            if !event.email.isEmpty {
                let address = "\(event.tenant):\(event.email.lowercased())"
                var seen = addresses[address] ?? (false, false)
                if event.prospectID.isEmpty { seen.without = true } else { seen.withID = true }
                addresses[address] = seen
            }
        }
    }

    func write(to screen: Screen) {
        let total = events.values.reduce(0, +)
        screen.line()
        func list(_ counts: [(String, Int)]) -> String {
            counts.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        }
        screen.line("\(total) events" + (events.isEmpty ? "" : ": " + list(events.map { ($0.key, $0.value) })))
        if ignored > 0 { screen.line(screen.styled("\(ignored) would be ignored", .yellow)) }
        if !refusals.isEmpty {
            let reasons = list(refusals.map { ($0.key.name, $0.value) })
            screen.line(screen.styled("\(refused) would be dead letters: \(reasons)", .red))
            for letter in deadLetters { screen.line("  \(letter.place): \(letter.message)") }
        }
        for (name, count) in missing.sorted(by: { $0.key < $1.key }) {
            screen.line("\(name) is missing in \(count) of \(openings) that open a journey")
        }
        let twice = addresses.values.count { $0.withID && $0.without }
        if twice > 0, configuration.identity == .prospect {
            screen.line(
                screen.styled(
                    "\(twice) addresses come both with and without a prospect's id: each of them is two prospects, who may "
                        + "both be reminded; set `identity: email` if ids are not in every event", .yellow))
        }
    }
}
