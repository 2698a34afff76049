/// The text of `--help`, made from the declarations.
struct HelpText {
    /// Long lines are hard to read however wide the window is.
    static let widestLine = 100

    static let help = Option.flag("help", short: "h", help: "Show this text")

    let program: String
    let screen: Screen

    private var width: Int { min(max(screen.width, 40), HelpText.widestLine) }

    func command(_ command: any Command.Type) -> String {
        let options = command.options + [HelpText.help]
        let usage = ["\(program) \(command.name)", "[options]"] + command.positionals.map(\.usage)
        var text = "\(program) \(command.name): \(command.summary)\n\n"
        text += "\(heading("Usage:")) \(usage.joined(separator: " "))\n"
        if !command.details.isEmpty {
            text += "\n" + TextWidth.wrapped(command.details, to: width).joined(separator: "\n") + "\n"
        }
        text += section("Arguments:", command.positionals.map { ("  \($0.label)", $0.help) })
        text += section("Options:", options.map { (spelling(of: $0), explanation(of: $0)) })
        if !command.examples.isEmpty {
            text += "\n\(heading("Examples:"))\n"
            for example in command.examples { text += "  \(example.line)\n" + indented(example.help, by: 6) }
        }
        return text + "\nExit codes: see \(program) --help\n"
    }

    func overview(summary: String, commands: [any Command.Type]) -> String {
        var text = "\(program): \(summary)\n\n\(heading("Usage:")) \(program) COMMAND [options]\n"
        text += section("Commands:", commands.map { ("  \($0.name)", $0.summary) })
        text += "\n" + indented("\(program) COMMAND --help says more about a command.", by: 0)
        return text + section("Exit codes:", ExitCode.allCases.map { ("  \(padded($0.rawValue))", $0.meaning) })
    }

    func group(_ name: String, commands: [any Command.Type]) -> String {
        "\(heading("Usage:")) \(program) \(name) COMMAND [options]\n"
            + section("Commands:", commands.map { ("  \($0.name)", $0.summary) })
    }

    private func spelling(of option: any OptionDeclaration) -> String {
        let short = option.short.map { "-\($0), " } ?? "    "
        return "  \(short)--\(option.name)" + (option.label.map { " \($0)" } ?? "")
    }

    private func explanation(of option: any OptionDeclaration) -> String {
        var notes: [String] = []
        if let text = option.defaultText { notes.append("default: \(text)") }
        if option.isRepeatable { notes.append("may be repeated") }
        return option.help + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
    }

    private func section(_ title: String, _ rows: [(term: String, help: String)]) -> String {
        guard !rows.isEmpty else { return "" }
        // A term that is much longer than the others has its explanation below it.
        let longest = rows.map { TextWidth.of($0.term) }.filter { $0 <= width / 3 }.max() ?? 0
        let column = longest + 2
        var text = "\n\(heading(title))\n"
        for row in rows {
            let lines = TextWidth.wrapped(row.help, to: width - column)
            let termWidth = TextWidth.of(row.term)
            var first = lines[...]
            if termWidth > longest {
                text += row.term + "\n"
            } else {
                text += row.term + String(repeating: " ", count: column - termWidth) + (first.popFirst() ?? "") + "\n"
            }
            for line in first { text += String(repeating: " ", count: column) + line + "\n" }
        }
        return text
    }

    private func indented(_ text: String, by count: Int) -> String {
        TextWidth.wrapped(text, to: width - count).map { String(repeating: " ", count: count) + $0 + "\n" }.joined()
    }

    private func heading(_ text: String) -> String { screen.styled(text, .bold) }

    private func padded(_ number: Int32) -> String {
        let text = String(number)
        return String(repeating: " ", count: max(0, 3 - text.count)) + text
    }
}
