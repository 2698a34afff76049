import Terminal

struct DeadLettersShowCommand: Command {
    static let name = "dead-letters show"
    static let summary = "Show refused messages whole: key, headers and value"
    static let options: [any OptionDeclaration] = [ConfigurationOptions.config, ConfigurationOptions.set]
    static let positionals = [Positional("PLACE", .atLeastOne, help: "Partition and offset, as list shows them: 0:17")]
    static let examples = [Example("winback dead-letters show 0:17", help: "One letter.")]

    private let configuration: ConfigurationOptions
    private let places: [String]
    private let filter: LetterFilter

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        places = arguments[Self.positionals[0]]
        filter = try LetterFilter(places: places)
    }

    func run() throws -> ExitCode {
        let box = LetterBox(try configuration.loadAndWarn())
        let letters = try box.letters().filter { filter.includes($0.letter) }
        for (index, (letter, isResubmitted)) in letters.enumerated() {
            if index > 0 { Screen.output.line() }
            show(letter, isResubmitted)
        }
        let found = Set(letters.map(\.letter.place))
        let missing = places.filter { !found.contains($0) }
        guard missing.isEmpty else {
            throw CommandError(
                .noInput, "there is no dead letter at \(missing.joined(separator: ", ")) of \(box.topic)")
        }
        return .ok
    }

    private func show(_ letter: Letter, _ isResubmitted: Bool) {
        func line(_ name: String, _ text: String) {
            Screen.output.line(name + String(repeating: " ", count: max(1, 12 - name.count)) + text)
        }
        line("place", letter.place + (isResubmitted ? " (sent again since)" : ""))
        line("from", letter.origin)
        line("time", TimeText.utc(letter.time, .milliseconds))
        line("reason", "\(letter.reason): \(letter.message)")
        line("key", letter.key.map { String(decoding: $0, as: UTF8.self) } ?? "none")
        for header in letter.headers {
            line("header", "\(header.name): \(header.value.map { String(decoding: $0, as: UTF8.self) } ?? "null")")
        }
        if let bytes = letter.omittedBytes {
            line("value", "\(bytes) bytes, left out for their size; they are in \(letter.origin)")
        } else {
            line("value", letter.value.map { String(decoding: $0, as: UTF8.self) } ?? "null")
        }
    }
}
