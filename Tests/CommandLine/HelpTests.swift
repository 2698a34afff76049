import Testing

@Suite struct HelpTests {
    private let winback: WinbackProgram

    init() throws { winback = try WinbackProgram() }

    @Test func helpListsEveryCommandAndEveryExitCode() throws {
        let ending = try winback.run(["--help"])
        #expect(ending.code == 0)
        #expect(ending.errors.isEmpty)
        for command in [
            "run", "demo", "check", "publish", "topics create", "topics check", "policies diff",
            "policies apply", "leads", "erase", "journal ls", "journal archive", "status", "version",
        ] {
            #expect(ending.output.contains("\n  \(command) "), "\(command)")
        }
        for code in [" 0", "64", "65", "66", "69", "75", "77"] {
            #expect(ending.output.contains(" \(code)  "), "\(code)")
        }
    }

    @Test(arguments: [
        "run", "demo", "check", "publish", "topics create", "topics check", "policies diff", "policies apply", "leads",
        "erase", "journal ls", "journal archive", "status", "version",
    ])
    func everyCommandExplainsItself(command: String) throws {
        let ending = try winback.run(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(ending.code == 0)
        #expect(ending.output.hasPrefix("winback \(command): "))
        #expect(ending.output.contains("Usage: winback \(command) [options]"))
        // 100 columns fit a terminal that stands beside an editor.
        #expect(ending.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func withoutACommandTheHelpGoesToStandardErrorAndTheCodeIsUsage() throws {
        let ending = try winback.run([])
        #expect(ending.code == 64)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.contains("Commands:"))
    }

    @Test func aMistypedCommandIsAnsweredWithTheRightOne() throws {
        let ending = try winback.run(["chekc"])
        #expect(ending.code == 64)
        #expect(ending.errors.contains("did you mean 'winback check'?"))
    }

    @Test(arguments: [
        ["run", "--confg", "x"], ["demo", "--seconds", "5"], ["publish"], ["publish", "a.ndjson", "--generate", "5"],
        ["status", "extra"], ["topics"], ["topics", "create", "--partitions", "0"], ["check", "--config"],
    ])
    func aWrongCommandLineEndsWithSixtyFour(arguments: [String]) throws {
        let ending = try winback.run(arguments)
        #expect(ending.code == 64)
        #expect(ending.output.isEmpty)
        #expect(!ending.errors.isEmpty)
    }

    @Test func versionNamesThisProgramAndLibrdkafka() throws {
        for arguments in [["version"], ["--version"]] {
            let ending = try winback.run(arguments)
            #expect(ending.code == 0)
            #expect(ending.output.wholeMatch(of: /winback \d+\.\d+\.\d+ \(librdkafka \d+\.\d+\.\d+.*\)\n/) != nil)
        }
    }
}
