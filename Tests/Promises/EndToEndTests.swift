import Foundation
import KafkaTestSupport
import Testing

/// Checkout events in, commands out.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct EndToEndTests {
    @Test func commandsAreCompleteForEventsInBothModesOfCloudEvents() async throws {
        try await Stage.play { stage in
            let engine = try stage.run()
            let structured = Event.opening("structured-lead")
            let binary = Event.opening("binary-lead")
            let cart = Event(type: "checkout.started", prospect: "binary-cart")
            try stage.witness.produce(
                stage.events,
                [
                    structured.structured, binary.binary, cart.binary, Event.opening("structured-buyer").structured,
                    Event.purchase("structured-buyer").binary, Event.opening("binary-buyer").binary,
                    Event.purchase("binary-buyer").structured,
                ])
            let commands = try stage.witness.read(stage.reminders, count: 4)
            #expect(
                commands.map(Stage.prospect).sorted() == [
                    "binary-cart", "binary-cart", "binary-lead", "structured-lead",
                ])
            #expect(try stage.witness.errors(in: commands.compactMap(\.text), schema: "send-reminder") == [])
            #expect(Set(commands.compactMap { $0.json["id"] as? String }).count == 4)
            for command in commands { #expect(command.key == .text(Stage.prospect(command))) }
            let mails = commands.filter { Stage.prospect($0) == "binary-cart" }
            #expect(
                mails.map { ($0.json["data"] as? [String: Any])?["template"] as? String } == [
                    "first-mail", "second-mail",
                ])
            for event in [structured, binary] {
                let command = try #require(commands.first { Stage.prospect($0) == event.prospect })
                let data = try #require(command.json["data"] as? [String: Any])
                #expect(data["tenant"] as? String == "shop")
                #expect((data["prospect"] as? [String: Any])?["email"] as? String == "someone@example.com")
                #expect((data["openedBy"] as? [String: Any])?["id"] as? String == event.id)
                #expect((data["fields"] as? [String: Any])?["first_name"] as? String == "Jane")
                #expect(data["template"] as? String == "first-mail")
            }
            try engine.stop()
        }
    }

    @Test func anIdlePartitionFires() async throws {
        try await Stage.play { stage in
            let engine = try stage.run()
            try stage.publish([.opening("alone")])
            // Nothing is published after the opening: only the broker's end offsets move the clock.
            #expect(try stage.reminded(count: 1) == ["alone"])
            try engine.stop()
        }
    }

    @Test func missingTopicsAreNamedWithTheWayToMakeThem() async throws {
        try await Stage.play(Stage.Settings(makesTopics: false)) { stage in
            try stage.expectRefusal(code: 69, ["no-events", "winback topics create"])
        }
    }
}
