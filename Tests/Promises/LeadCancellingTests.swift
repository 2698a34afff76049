import Foundation
import KafkaTestSupport
import Testing

/// `winback leads cancel`, as an operator uses it.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct LeadCancellingTests {
    @Test func whoseLeadIsCancelledIsNotRemindedWhetherTheEngineRunsOrNot() async throws {
        try await Stage.play(Stage.Settings(partitions: 3, wait: "6s")) { stage in
            var engine = try stage.run()
            // A key with the tenant in front lies elsewhere than the id alone.
            var keyed = Event.opening("keyed").structured
            keyed.key = .text("shop:keyed")
            try stage.witness.produce(stage.events, [keyed])
            try stage.publish([.opening("first"), .opening("later"), .opening("kept")])
            try stage.waitUntilFolded(4)
            for (prospect, key) in [("first", "first"), ("keyed", "shop:keyed")] {
                try cancel(stage, [prospect], code: 0, "1 lead ended")
                let event = try #require(
                    try stage.witness.read(stage.events).last {
                        $0.json["type"] as? String == "lead.cancelled" && $0.key == .text(key)
                    })
                // Where the opening lies, there lies its end.
                let opened = try stage.witness.read(stage.events).first { $0.key == .text(key) }
                #expect(event.partition == opened?.partition)
            }
            try engine.stop()
            try cancel(stage, ["later"], code: 0, "at its next start 1 lead will end")
            try cancel(stage, ["nobody"], code: 65, "there is no lead of nobody")
            try cancel(
                stage, ["kept", "--policy", "checkout"], code: 65, "there is no lead of kept under policy checkout")
            engine = try stage.run()
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            #expect(Set(try stage.reminded()).subtracting(marks) == ["kept"])
            #expect(try stage.witness.read(stage.deadLetters) == [])
            try engine.stop()
        }
    }

    private func cancel(_ stage: Stage, _ arguments: [String], code: Int32, _ words: String) throws {
        let process = try stage.start(command: ["leads", "cancel"] + arguments + ["--yes", "--data", stage.data.path])
        #expect(try process.exitCode(within: 40) == code)
        #expect(process.log.contains(words), "\(process.log)")
    }
}
