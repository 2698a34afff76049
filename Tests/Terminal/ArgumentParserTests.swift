import Dispatch
import Synchronization
import Testing

@testable import Terminal

private enum Mode: String, CaseIterable { case structured, binary }

struct ArgumentParserTests {
    static let config = Option.text("config", short: "c", label: "FILE", default: "winback.yaml", help: "")
    static let output = Option.text("output", label: "FILE", help: "")
    static let limit = Option.integer("limit", short: "n", in: 1...100, default: 20, help: "")
    static let json = Option.flag("json", short: "j", help: "")
    static let quiet = Option.flag("quiet", short: "q", help: "")
    static let tags = Option.list("tag", short: "t", label: "TAG", help: "")
    static let wait = Option.duration("wait", default: .seconds(30), help: "")
    fileprivate static let mode = Option.choice("mode", label: "MODE", default: Mode.structured, help: "")
    static let first = Positional("FIRST", help: "the first")
    static let rest = Positional("REST", .any, help: "the rest")

    private func parse(_ words: String...) throws -> Arguments {
        let parser = ArgumentParser(
            options: [Self.config, Self.output, Self.limit, Self.json, Self.quiet, Self.tags, Self.wait, Self.mode],
            positionals: [Self.first, Self.rest])
        return try parser.parse(words)
    }

    private func error(_ words: String...) -> UsageError? {
        do {
            let parser = ArgumentParser(
                options: [Self.config, Self.output, Self.limit, Self.json, Self.tags, Self.wait, Self.mode],
                positionals: [Self.first])
            _ = try parser.parse(words)
            return nil
        } catch {
            return error as? UsageError
        }
    }

    @Test func whatIsNotGivenHasItsDefault() throws {
        let arguments = try parse("x")
        #expect(arguments[Self.config] == "winback.yaml")
        #expect(arguments[Self.output] == nil)
        #expect(arguments[Self.limit] == 20)
        #expect(!arguments[Self.json])
        #expect(arguments[Self.tags].isEmpty)
        #expect(arguments[Self.wait] == .seconds(30))
        #expect(arguments[Self.mode] == .structured)
        #expect(!arguments.wasGiven(Self.limit))
    }

    @Test func longAndShortSpellingsMeanTheSame() throws {
        for words in [
            ["--config", "a.yaml", "--limit=5", "--json"], ["-c", "a.yaml", "-n5", "-j"], ["-jc", "a.yaml", "-n", "5"],
        ] {
            let arguments = try ArgumentParser(options: [Self.config, Self.limit, Self.json], positionals: [])
                .parse(words)
            #expect(arguments[Self.config] == "a.yaml")
            #expect(arguments[Self.limit] == 5)
            #expect(arguments[Self.json])
            #expect(arguments.wasGiven(Self.limit))
        }
    }

    @Test func positionalsAndOptionsMayBeMixed() throws {
        let arguments = try parse("one", "--json", "two", "-t", "a", "three", "--tag=b")
        #expect(arguments[Self.first] == ["one"])
        #expect(arguments[Self.rest] == ["two", "three"])
        #expect(arguments[Self.tags] == ["a", "b"])
        #expect(arguments[Self.json])
    }

    @Test func twoDashesEndTheOptions() throws {
        let arguments = try parse("one", "--", "--json", "-x")
        #expect(arguments[Self.rest] == ["--json", "-x"])
        #expect(!arguments[Self.json])
    }

    @Test func aLongOptionMayBeShortenedWhileItIsUnambiguous() throws {
        #expect(try parse("x", "--lim", "7")[Self.limit] == 7)
    }

    @Test func anEmptyValueIsAValue() throws {
        #expect(try parse("x", "--config=")[Self.config] == "")
        #expect(try parse("x", "--output", "")[Self.output] == "")
    }

    @Test func aValueMayBeginWithADash() throws {
        #expect(try parse("x", "--config", "-")[Self.config] == "-")
    }

    @Test func anUnknownOptionIsNamedWithASuggestion() {
        #expect(error("x", "--jsno") == UsageError(.unknownOption, "unknown option --jsno", suggestion: "--json"))
        #expect(error("--confg=a", "x")?.suggestion == "--config")
        #expect(error("x", "--nothing-like-it")?.suggestion == nil)
        #expect(error("x", "-jx") == UsageError(.unknownOption, "unknown option -x"))
        #expect(error("x", "-o")?.suggestion == "--output")
        #expect("\(error("x", "--jsno")!)" == "unknown option --jsno; did you mean '--json'?")
    }

    @Test func anAmbiguousOptionListsWhatItMayBe() throws {
        let parser = ArgumentParser(
            options: [Option.flag("dry-run", help: ""), Option.flag("drop", help: "")], positionals: [])
        #expect(throws: UsageError(.ambiguousOption, "--dr may be any of --dry-run, --drop")) {
            try parser.parse(["--dr"])
        }
    }

    @Test func mistakesInValuesAreNamed() {
        #expect(error("x", "--config") == UsageError(.missingValue, "--config needs a value: --config FILE"))
        #expect(error("x", "-n")?.code == .missingValue)
        #expect(error("x", "--json=yes") == UsageError(.unexpectedValue, "--json takes no value"))
        #expect(
            error("x", "-n", "many") == UsageError(.invalidValue, "--limit: 'many' is not a whole number from 1 to 100")
        )
        #expect(error("x", "-n", "101")?.code == .invalidValue)
        #expect(error("x", "-n", "0")?.code == .invalidValue)
        #expect(error("x", "--wait", "soon")?.message == "--wait: 'soon' is not a time such as 30s, 90m, 12h or 3d")
        #expect(error("x", "--mode", "binery")?.suggestion == "binary")
        #expect(error("x", "-n", "1", "--limit", "2") == UsageError(.repeatedOption, "--limit is given twice"))
    }

    @Test func missingAndSurplusPositionalsAreNamed() {
        #expect(error() == UsageError(.missingArgument, "FIRST is missing: the first"))
        #expect(error("one", "two") == UsageError(.unexpectedArgument, "unexpected argument 'two'"))
    }

    @Test func parsersOnManyThreadsDoNotDisturbEachOther() {
        let wrong = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for index in 0..<1500 {
                let text = "\(thread)-\(index)"
                let words = ["-t", text, "b", "-n", "\(index % 100 + 1)", "c"]
                let parser = ArgumentParser(options: [Self.limit, Self.tags], positionals: [Self.rest])
                let arguments = try? parser.parse(words)
                if arguments?[Self.limit] != index % 100 + 1 || arguments?[Self.tags] != [text]
                    || arguments?[Self.rest] != ["b", "c"]
                {
                    wrong.withLock { $0 += 1 }
                }
            }
        }
        #expect(wrong.withLock { $0 } == 0)
    }
}
