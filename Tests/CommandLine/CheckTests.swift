import Foundation
import Testing

@Suite struct CheckTests {
    private let winback: WinbackProgram
    private let folder: TemporaryFolder

    init() throws {
        winback = try WinbackProgram()
        folder = try TemporaryFolder()
    }

    private static let good = """
        kafka:
          bootstrap.servers: localhost:9092
        templates: [spot-saved, act-now]
        policies:
          - name: abandoned-checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            steps:
              - {after: 1h, template: spot-saved}
              - {after: 24h, from: previous, template: act-now}

        """

    @Test func aGoodConfigurationIsShownAsATableOfReminders() throws {
        let file = try folder.write(Self.good, to: "winback.yaml")
        let ending = try winback.run(["check", "--config", file])
        #expect(ending.code == 0)
        #expect(ending.errors.isEmpty, "\(ending.errors)")
        let rows = ending.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        try #require(rows.count == 3)
        #expect(rows[1].prefix(4) == ["abandoned-checkout", "1 of 2", "spot-saved", "1 h after the last activity"])
        #expect(rows[2].prefix(4) == ["abandoned-checkout", "2 of 2", "act-now", "1 d after step 1"])
    }

    @Test func theTableIsJSONForPrograms() throws {
        let file = try folder.write(Self.good, to: "winback.yaml")
        let ending = try winback.run(["check", "--config", file, "--json"])
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [[String: Any]])
        #expect(rows.map { $0["template"] as? String } == ["spot-saved", "act-now"])
    }

    @Test func everyMistakeIsListedWithItsPlace() throws {
        let text = Self.good
            .replacing("after: 1h", with: "after: 1 fortnight")
            .replacing("template: act-now", with: "template: act-noww")
            .replacing("convertsOn", with: "convertOn")
        let file = try folder.write(text, to: "winback.yaml")
        let ending = try winback.run(["check", "--config", file])
        #expect(ending.code == 65)
        #expect(ending.output.isEmpty)
        for line in ["\(file):7:5: ", "\(file):9:", "\(file):10:"] { #expect(ending.errors.contains(line), "\(line)") }
        #expect(ending.errors.contains("act-now"))
        #expect(ending.errors.contains("convertsOn"))
    }

    @Test func runRefusesABrokenConfigurationWithTheSameMistakes() throws {
        let file = try folder.write(Self.good.replacing("after: 1h", with: "after: soon"), to: "winback.yaml")
        let check = try winback.run(["check", "--config", file])
        let run = try winback.run(["run", "--config", file])
        #expect(run.code == 65)
        let first = try #require(check.errors.split(separator: "\n").first)
        #expect(run.errors.contains(first))
    }

    @Test func aReservedKafkaKeyIsRefused() throws {
        let text = Self.good.replacing("localhost:9092", with: "localhost:9092\n  enable.auto.commit: true")
        let ending = try winback.run(["check", "--config", try folder.write(text, to: "winback.yaml")])
        #expect(ending.code == 65)
        #expect(ending.errors.contains("enable.auto.commit"))
        #expect(ending.errors.contains(":3:"))
    }

    @Test func aFileThatIsNotThereEndsWithSixtySix() throws {
        let ending = try winback.run(["check", "--config", "nowhere.yaml"])
        #expect(ending.code == 66)
        #expect(ending.errors.contains("nowhere.yaml"))
    }

    @Test func aSettingOfTheCommandLineComesBeforeTheFile() throws {
        let file = try folder.write(Self.good, to: "winback.yaml")
        let ending = try winback.run(["check", "--config", file, "--set", "clock.lateness=never"])
        #expect(ending.code == 65)
        #expect(ending.errors.contains("command line: `lateness`"))
    }
}
