import Foundation
import KafkaTestSupport
import Testing

/// What an auditor asks, of the files of an engine and of what lies in the reminder topic.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct AuditingTests {
    @Test func everyCommandInTheTopicIsTheOneThatTheJournalDecidedHoweverOftenTheEngineWasKilled() async throws {
        try await Stage.play { stage in
            var engine = try stage.run()
            for round in 0..<3 {
                try stage.publish((0..<20).map { .opening("p-\(round)-\($0)") })
                try stage.publish((0..<5).map { .purchase("p-\(round)-\($0)") })
                engine.kill()
                engine = try stage.run()
            }
            _ = try stage.waitUntilAllBeforeNowIsDecided()
            try engine.stop()
            let reminders = try stage.reminded().count

            let verify = try stage.audit("verify")
            #expect(verify.code == 0, "\(verify.said)")
            #expect(verify.said.contains("Sound:"))
            let replay = try stage.audit("replay", "--compare-topic")
            #expect(replay.code == 0, "\(replay.said)")
            #expect(replay.said.contains("Every decision is the same."))
            #expect(
                replay.said.contains(
                    "\(stage.reminders) holds \(reminders) messages: \(reminders) are the same to the byte; 0 missing, "
                        + "0 extra, 0 there twice, 0 different."), "\(replay.said)")

            // Somebody writes into the topic: one command again, one changed in a single byte, and one of no journey.
            let command = try #require(try stage.witness.read(stage.reminders, count: 1).first)
            let text = try #require(command.text)
            let name = try #require(command.json["id"] as? String)
            func message(_ text: String) -> Message {
                var message = Message(key: nil, value: text)
                message.key = command.key
                return message
            }
            try stage.witness.produce(
                stage.reminders,
                [
                    message(text), message(text.replacing(name.prefix(16), with: "0123456789abcdef")),
                    message("hello"),
                ])
            let changed = try stage.audit("replay", "--compare-topic")
            #expect(changed.code == 1)
            #expect(changed.said.contains("0 missing, 1 extra, 1 there twice, 0 different"), "\(changed.said)")
            #expect(changed.said.contains("1 messages are no commands of Winback"), "\(changed.said)")
        }
    }
}

extension Stage {
    /// Runs `winback audit` on the stage's data directory.
    fileprivate func audit(_ words: String...) throws -> (code: Int32, said: String) {
        let audit = try start(command: ["audit"] + words)
        return (try audit.exitCode(within: 60), audit.log)
    }
}
