import Testing

@testable import Terminal

private struct Broken: ExitCodeProviding, CustomStringConvertible {
    var exitCode: ExitCode { .unavailable }
    var description: String { "broker localhost:9092 is not there; start it, or name another with --kafka" }
}

private struct Greet: Command {
    static let name = "greet"
    static let summary = "greets somebody"
    static let details = "The greeting goes to standard output."
    static let loud = Option.flag("loud", short: "l", help: "Use capitals")
    static let times = Option.integer("times", short: "n", in: 1...9, default: 1, help: "How often")
    static let options: [any OptionDeclaration] = [loud, times]
    static let who = Positional("WHO", help: "Whom to greet")
    static let positionals = [who]
    static let examples = [Example("greeter greet world", help: "Says hello to all")]

    let arguments: Arguments
    init(_ arguments: Arguments) { self.arguments = arguments }

    func run() throws -> ExitCode {
        switch arguments[Self.who][0] {
        case "nobody": throw Broken()
        case "bug": throw CancellationError()
        default: return arguments[Self.loud] ? .found : .ok
        }
    }
}

private struct MakeTopics: Command {
    static let name = "topics create"
    static let summary = "makes the topics"
    init(_ arguments: Arguments) {}
    func run() -> ExitCode { .ok }
}

private struct CheckTopics: Command {
    static let name = "topics check"
    static let summary = "compares the topics"
    init(_ arguments: Arguments) {}
    func run() -> ExitCode { .found }
}

struct ProgramTests {
    private func run(_ words: String..., width: Int = 80) -> (code: ExitCode, output: String, errors: String) {
        let output = Transcript()
        let errors = Transcript()
        let program = Program(
            name: "greeter", summary: "greets", commands: [Greet.self, MakeTopics.self, CheckTopics.self],
            output: output.screen(width: width), errors: errors.screen(width: width))
        return (program.run(words), output.text, errors.text)
    }

    @Test func theCommandsCodeIsTheProgramsCode() {
        #expect(run("greet", "world").code == .ok)
        #expect(run("greet", "world", "--loud").code == .found)
    }

    @Test func aNameOfTwoWordsIsFound() {
        #expect(run("topics", "create").code == .ok)
        #expect(run("topics", "check").code == .found)
    }

    @Test func anErrorIsReportedOnStandardErrorWithItsCode() {
        let result = run("greet", "nobody")
        #expect(result.code == .unavailable)
        #expect(result.output.isEmpty)
        #expect(
            result.errors == "greeter: broker localhost:9092 is not there; start it, or name another with --kafka\n")
    }

    @Test func anErrorWithoutACodeIsOurMistake() {
        #expect(run("greet", "bug").code == .internalError)
    }

    @Test func aUsageErrorEndsWith64AndPointsToTheHelp() {
        let result = run("greet", "world", "--luod")
        #expect(result.code == .usage)
        #expect(
            result.errors == """
                greeter: unknown option --luod; did you mean '--loud'?
                See greeter greet --help

                """)
    }

    @Test func anUnknownCommandIsNamedWithASuggestion() {
        #expect(run("gret").errors.contains("unknown command 'gret'; did you mean 'greeter greet'?"))
        #expect(run("topics", "chek").errors.contains("did you mean 'greeter topics check'?"))
        #expect(run("gret").code == .usage)
        #expect(run("--loud", "greet").errors.contains("options follow the command"))
    }

    @Test func withoutACommandTheOverviewGoesToStandardError() {
        let result = run()
        #expect(result.code == .usage)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("topics create"))
    }

    @Test func halfAGroupListsItsMembers() {
        let result = run("topics")
        #expect(result.code == .usage)
        #expect(result.errors.contains("topics check") && !result.errors.contains("greet "))
        #expect(run("topics", "--help").code == .ok)
        #expect(run("topics", "--help").output.contains("topics check"))
    }

    @Test func helpIsAskedForInEveryUsualWay() {
        for words in [["greet", "--help"], ["greet", "-h"], ["help", "greet"], ["greet", "--hel", "x"]] {
            let output = Transcript()
            let program = Program(
                name: "greeter", summary: "greets", commands: [Greet.self], output: output.screen(),
                errors: Transcript().screen())
            #expect(program.run(words) == .ok)
            #expect(output.text.contains("Whom to greet"), "\(words)")
        }
    }

    @Test func helpWorksOnALineThatIsWrong() {
        #expect(run("greet", "--luod", "--help").code == .ok)
    }

    @Test func theHelpTextIsAlignedAndComplete() {
        #expect(
            run("greet", "--help").output == """
                greeter greet: greets somebody

                Usage: greeter greet [options] WHO

                The greeting goes to standard output.

                Arguments:
                  WHO  Whom to greet

                Options:
                  -l, --loud     Use capitals
                  -n, --times N  How often (default: 1)
                  -h, --help     Show this text

                Examples:
                  greeter greet world
                      Says hello to all

                Exit codes: see greeter --help

                """)
    }

    @Test func theOverviewListsEveryExitCode() {
        let text = run("--help").output
        for code in ExitCode.allCases { #expect(text.contains("\(code.rawValue)  \(code.meaning.prefix(20))")) }
    }

    @Test func noHelpLineIsWiderThanTheScreen() {
        for width in [40, 60, 80, 300] {
            for text in [run("--help", width: width).output, run("greet", "--help", width: width).output] {
                let widest = text.split(separator: "\n").map { TextWidth.of($0) }.max() ?? 0
                #expect(widest <= min(width, HelpText.widestLine))
            }
        }
    }
}
