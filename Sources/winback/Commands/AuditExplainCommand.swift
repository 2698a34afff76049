import Audit
import Engine
import Foundation
import Journey
import Terminal

struct AuditExplainCommand: Command {
    static let name = "audit explain"
    static let summary = "Say in plain English why a reminder was sent to someone, or was not"
    static let details = """
        Tells what happened, in the order in which it became known, with the evidence for each sentence in brackets: the \
        message's topic, partition and offset, the partition's clock, the place in the journal, and the lines of the policy \
        that applied. Then it says of every reminder whether it was sent, and if not, why. Reads journals alone: beside a \
        running engine or on a copy of its data directory, without a broker, and with the same answer every time. Whoever was \
        erased is found by whoever still knows the id or address; what was erased is not shown.
        """
    static let options: [any OptionDeclaration] =
        AuditOptions.options + PersonOptions.all + [AuditOptions.asOf, AuditOptions.pending, json]
    static let examples = [
        Example("winback audit explain --email ann@example.com", help: "Why did she get a mail, or none?"),
        Example("winback audit explain --prospect 4711 --tenant academy", help: "The same by the prospect's id."),
        Example(
            "winback audit explain --command 5bd1e995c2a19f04e8f1b2c3d4a5f607-1",
            help: "Why was this command published?"),
        Example(
            "winback audit explain --email ann@example.com --as-of 2026-07-01T12:00:00Z",
            help: "What was known and decided at that instant?"),
        Example("winback audit explain --message checkout-events/0/17", help: "What became of this message?"),
    ]

    private static let json = Option.flag("json", help: "One JSON object for each person, in an array")

    private let audit: AuditOptions
    private let person: PersonOptions
    private let asOf: Instant?
    private let pending: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        person = try PersonOptions(arguments)
        guard person.isGiven else {
            throw UsageError(.missingArgument, "say who: --prospect, --email, --journey, --command or --message")
        }
        asOf = try AuditOptions.asOf(arguments)
        pending = arguments[AuditOptions.pending]
        isJSON = arguments[Self.json]
    }

    func run() throws -> ExitCode {
        let source = try audit.source()
        let answer = PersonAnswer(source: source, person: person, asOf: asOf, pending: pending)
        switch try answer.read() {
        case .people(let histories): try write(histories, source)
        case .message(let message): write(message, source)
        }
        return .ok
    }

    private func write(_ histories: [ProspectHistory], _ source: AuditSource) throws {
        let question = try person.question(source)
        let explanations = histories.map { Explainer.explain($0, source, asOf: asOf, question: question) }
        guard !isJSON else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return Screen.output.line(String(decoding: try encoder.encode(explanations), as: UTF8.self))
        }
        for (index, explanation) in explanations.enumerated() {
            if index > 0 { Screen.output.line() }
            ExplanationReport(explanation: explanation).write()
        }
    }

    private func write(_ message: PassedMessage, _ source: AuditSource) {
        let sentence = message.sentence(topic: source.topicName(message.place.topic))
        guard isJSON else { return Screen.output.line(sentence) }
        Screen.output.line(
            "[{\"message\":{\"topic\":\(JSONText.quoted(source.topicName(message.place.topic))),"
                + "\"partition\":\(message.partition),\"offset\":\(message.place.offset)},"
                + "\"outcome\":\(JSONText.quoted(message.outcome)),\"text\":\(JSONText.quoted(sentence))}]")
    }
}
