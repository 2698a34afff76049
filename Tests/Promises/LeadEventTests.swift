import Foundation
import KafkaTestSupport
import Testing

/// What happens to leads, as a connector reads it from `topics.leads`.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct LeadEventTests {
    private static let kills = 5

    @Test func eachLeadEventIsThereOnceAndInOrderHoweverOftenTheEngineIsKilled() async throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["WINBACK_SEED"] ?? "") ?? .random(in: 0..<1 << 32)
        print("eachLeadEventIsThereOnceAndInOrderHoweverOftenTheEngineIsKilled: WINBACK_SEED=\(seed)")
        try await Stage.play(Stage.Settings(publishesLeads: true)) { stage in
            let (engine, load) = try stage.killUnderLoad(
                Self.kills, atMessagesOf: stage.leads, longest: 2, seed: seed)
            let (leads, purchases) = (load.leads, load.purchases)
            try stage.publish([
                .opening("erased"), .purchase("erased"), Event(type: "contact.erasure-requested", prospect: "erased"),
            ])
            let events = try stage.witness.read(stage.leads, count: leads.count + purchases.count + 3)
            try engine.stop()
            try Self.judge(stage, events, opened: Set(leads.keys), bought: Set(purchases.keys))
        }
    }

    private static func judge(_ stage: Stage, _ events: [Message], opened: Set<String>, bought: Set<String>) throws {
        #expect(opened.count > 100 && bought.count > 30)
        var kinds: [String: [String]] = [:]
        // The witness reads each partition in its order, and all of a prospect's events lie in one.
        for event in events {
            guard case .text(let prospect) = event.key else { continue }
            #expect(event.json["subject"] as? String == prospect)
            kinds[prospect, default: []].append(event.json["type"] as? String ?? "")
        }
        #expect(kinds.removeValue(forKey: "erased") == ["lead.created", "lead.converted", "lead.erased"])
        #expect(Set(kinds.keys) == opened)
        for (prospect, seen) in kinds {
            let wanted = bought.contains(prospect) ? ["lead.created", "lead.converted"] : ["lead.created"]
            #expect(seen == wanted, "\(prospect)")
        }
        #expect(Set(events.compactMap { $0.json["id"] as? String }).count == events.count)
        #expect(try stage.witness.errors(in: events.compactMap(\.text), schema: "lead-event") == [])
    }
}
