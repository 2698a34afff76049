import Foundation
import KafkaTestSupport
import Testing

/// What other policies would have made of a topic, before there is a journal.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct BacktestTests {
    @Test func aTopicIsFoldedUnderTwoConfigurationsByTheTimesOfItsMessages() async throws {
        let settings = Stage.Settings(

            policies: """
                  - name: checkout
                    opensOn: [checkout.started]
                    convertsOn: [checkout.completed]
                    steps: [{after: 1h, template: first-mail}]
                """)
        try await Stage.play(settings) { stage in
            let begin = Date().addingTimeInterval(-86400)
            // Each second person buys after two hours; others keep the clock of every partition going.
            var messages: [Message] = []
            func add(_ type: String, _ prospect: String, hours: Double) {
                let event = Event(type: type, prospect: prospect, time: begin.addingTimeInterval(hours * 3600))
                var message = event.structured
                message.timestamp = Int64(event.time.timeIntervalSince1970 * 1000)
                messages.append(message)
            }
            for person in 0..<20 { add("checkout.started", "person-\(person)", hours: 0) }
            for person in stride(from: 0, to: 20, by: 2) { add("checkout.completed", "person-\(person)", hours: 2) }
            try stage.witness.produce(stage.events, messages)
            let slower = stage.folder.appendingPathComponent("slower.yaml")
            try Data(
                """
                templates: [first-mail]
                policies:
                  - name: checkout
                    opensOn: [checkout.started]
                    convertsOn: [checkout.completed]
                    steps: [{after: 3h, template: first-mail}]
                """.utf8
            ).write(to: slower)
            let object = try stage.backtest(slower)
            #expect(object["events"] as? Int == 30)
            let policy = try #require((object["policies"] as? [[String: Any]])?.first)
            let configured = try #require(policy["recorded"] as? [String: Any])
            let tried = try #require(policy["candidate"] as? [String: Any])
            #expect(configured["sent"] as? Int == 20)
            #expect(tried["sent"] as? Int == 10)
            #expect(tried["boughtUnreminded"] as? Int == 10)
            #expect(policy["mailsSaved"] as? Int == 10)
            let examples = try #require(policy["onlyRecorded"] as? [[String: Any]])
            #expect(examples.count == 3)
            #expect(examples.allSatisfy { ($0["message"] as? String)?.hasPrefix(stage.events) == true })
        }
    }
}

extension Stage {
    /// The object that `winback audit backtest --from-topic` prints.
    fileprivate func backtest(_ policies: URL) throws -> [String: Any] {
        let process = Process()
        process.executableURL = try EngineProcess.program
        process.arguments = [
            "audit", "backtest", "--from-topic", "--policies", policies.path, "--config", configurationFile.path,
            "--examples", "3", "--json",
        ]
        let output = folder.appendingPathComponent("backtest.json")
        try Data().write(to: output)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: output))
        return try #require(object as? [String: Any])
    }
}
