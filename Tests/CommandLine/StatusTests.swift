import Foundation
import Testing

@Suite struct StatusTests {
    private let winback: WinbackProgram
    private let folder: TemporaryFolder

    init() throws {
        winback = try WinbackProgram()
        folder = try TemporaryFolder()
    }

    private func writeStatus(processID: Int32, phase: String) throws {
        let text = """
            {"version":"0.1.0","librdkafka":"2.0.2","processID":\(processID),"instance":"winback-a","group":"winback",
             "startedAt":1790000000000,"writtenAt":1790000060000,"phase":"\(phase)","partitions":[
             {"partition":0,"topics":[{"name":"checkout-events","offset":41,"end":42}],"clock":1790000055000,
              "heldBackBy":"lag","lastCommitAt":1790000058000,"journalPosition":900,"confirmedPosition":900,"waiting":5,"prospects":7,"overdue":2,"unusableAddresses":1,"events":41,
              "opened":9,"reminders":3,"skipped":1,"converted":4,"deadLetters":0}]}
            """
        _ = try folder.write(text, to: "status.json")
    }

    private func run(_ arguments: String...) throws -> WinbackProgram.Ending {
        try winback.run(["status", "--data", folder.url.path] + arguments)
    }

    @Test func aDirectoryWithoutAnEngineIsSaidToHaveNone() throws {
        let ending = try run()
        #expect(ending.code == 66)
        #expect(ending.errors.contains("no engine has run in \(folder.url.path)"))
    }

    @Test func aRunningEngineShowsWhereItIs() throws {
        // This test is the process that is looked for.
        try writeStatus(processID: getpid(), phase: "running")
        let ending = try run()
        #expect(ending.code == 0)
        let rows = ending.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        try #require(rows.count == 2, "\(ending.errors)")
        let row = Dictionary(zip(rows[0], rows[1])) { $1 }
        #expect(row["topic"] == "checkout-events")
        #expect(row["offset"] == "41")
        #expect(row["end"] == "42")
        #expect(row["held_back_by"] == "lag")
        #expect(row["waiting"] == "5")
        #expect(row["overdue"] == "2")
    }

    @Test func anEngineThatHasStoppedIsNotShownAsRunning() throws {
        try writeStatus(processID: getpid(), phase: "stopped")
        let ending = try run("--json")
        #expect(ending.code == 69)
        let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
        #expect(object?["engine"] as? String == "stopped")
        #expect(object?["instance"] as? String == "winback-a")
        #expect((object?["partitions"] as? [Any])?.count == 1)
    }

    @Test func anEngineThatWasKilledIsNotShownAsRunning() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        try writeStatus(processID: process.processIdentifier, phase: "running")
        #expect(try run().code == 69)
    }

    @Test func anEngineThatHasFallenSilentIsSaidToBe() throws {
        try writeStatus(processID: getpid(), phase: "running")
        let old = Date().addingTimeInterval(-60)
        try FileManager.default.setAttributes(
            [.modificationDate: old], ofItemAtPath: folder.url.appendingPathComponent("status.json").path)
        let ending = try run("--json")
        #expect(ending.code == 69)
        #expect(ending.output.contains("\"engine\" : \"silent\""))
    }
}
