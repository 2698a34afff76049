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

    /// Of whatever a command asks for, it has to have declared.
    @Test(arguments: [
        ["run"], ["check"], ["topics", "check"], ["policies", "diff"], ["policies", "apply"], ["leads"], ["results"],
        ["erase", "--status"], ["erase", "--prospect", "p", "--yes"], ["leads", "cancel", "p", "--yes"], ["recover"],
        ["backup", "copy"], ["audit", "head"], ["audit", "verify"], ["audit", "replay"], ["audit", "state"],
        ["audit", "explain", "--prospect", "p"], ["audit", "timeline", "--prospect", "p"], ["audit", "commands"],
        ["audit", "export", "--to", "copy"], ["audit", "backtest", "--policies", "nowhere.yaml"], ["journal", "ls"],
        ["journal", "archive", "--before", "2026-01-01", "--to", "copy"], ["dead-letters", "list"],
    ])
    func aCommandWithoutItsFilesSaysWhatIsMissing(arguments: [String]) throws {
        let ending = try winback.run(arguments + ["--config", "/nowhere/winback.yaml"])
        #expect([64, 65, 66].contains(ending.code), "\(ending.errors.suffix(500))")
        #expect(ending.errors.contains("nowhere"), "\(ending.errors.suffix(500))")
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
