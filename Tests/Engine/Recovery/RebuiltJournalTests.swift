import Configuration
import Foundation
import Journal
import Journey
import Records
import Testing

@testable import Engine

@Suite("A journal that begins with what was sent before it")
struct RebuiltJournalTests {
    private let start = OfflineHarness.start

    /// What the reminder topic would hold of the journey that `start()` opens.
    private func sent() throws -> CommandText.Command {
        let harness = try OfflineHarness()
        try harness.start()
        try harness.tick(start + .hours(1))
        return try #require(Self.read(harness.reminderBytes[0]))
    }

    private static func read(_ bytes: Data, key: [UInt8]? = nil) -> CommandText.Command? {
        bytes.withUnsafeBytes { CommandText(key: key, identity: .prospect).read($0) }
    }

    /// A harness on a journal of which only the beginning is there, as `winback recover` writes it.
    private func rebuilt(_ found: [FoundReminder]) throws -> OfflineHarness {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)").path
        let directory = try DataDirectory.open(path, fileSystem: POSIXFileSystem())
        let journal = try ShardJournal.open(
            directory: directory.shardPath(0), fileSystem: POSIXFileSystem(),
            settings: JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10))
        var writer = RecordWriter()
        try journal.beginFrame()
        writer.begin(position: journal.head.position, clock: .distantPast, to: &journal.body)
        var text = try Configuration.parse(text: OfflineHarness.memberships).canonicalPolicyText
        text.withUTF8 { writer.activation(at: start, text: UnsafeRawBufferPointer($0), to: &journal.body) }
        writer.intervention(.rebuilt, at: start + .hours(1), to: &journal.body)
        for reminder in found { writer.found(reminder, to: &journal.body) }
        writer.end(to: &journal.body)
        _ = try journal.appendFrame()
        try journal.sync()
        try journal.close()
        directory.close()
        return try OfflineHarness(directory: path)
    }

    private static func found(_ command: CommandText.Command) -> FoundReminder {
        FoundReminder(journey: command.journey, step: command.step, emitted: command.emitted)
    }

    @Test func aCommandTellsWhichItIs() throws {
        let command = try sent()
        #expect(command.step == 0)
        #expect(command.emitted == start + .hours(1))
        #expect(command.opened == start)
        #expect(!command.dependsOnKey)
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"type":"send-reminder","data":{}}"#, #"{"type":"other"}"#])
    func anythingElseIsNoCommand(text: String) {
        #expect(Self.read(Data(text.utf8)) == nil)
    }

    @Test func theIdOfAJourneyWhoseEventHadNoneIsDerivedUnderTheKeyAtHand() throws {
        let harness = try OfflineHarness()
        try harness.start()
        try harness.tick(start + .hours(1))
        var object = try #require(
            try JSONSerialization.jsonObject(with: harness.reminderBytes[0]) as? [String: Any])
        var data = try #require(object["data"] as? [String: Any])
        var opening = try #require(data["openedBy"] as? [String: Any])
        opening["id"] = nil
        data["openedBy"] = opening
        object["data"] = data
        let bytes = try JSONSerialization.data(withJSONObject: object)
        let key = [UInt8](repeating: 7, count: 32)
        let prospect = Array("academy".utf8).withUnsafeBytes { tenant in
            Array("p-1".utf8).withUnsafeBytes {
                KeyedHash(key: key).prospectKey(.prospect, tenant: tenant, $0)
            }
        }
        let seed = PublicDigest().seed(of: prospect, at: start)
        let identity = PublicDigest().policyIdentity("abandoned-checkout")
        let command = try #require(Self.read(bytes, key: key))
        #expect(command.journey.rawValue == seed.high ^ identity.high)
        #expect(command.dependsOnKey)
    }

    @Test func whatWasSentIsNotSentAgainAndTheNextStepIs() throws {
        let first = try sent()
        let harness = try rebuilt([Self.found(first)])
        try harness.start()
        try harness.tick(start + .hours(2))
        #expect(harness.templates() == [])
        try harness.reopen()
        try harness.tick(start + .hours(25))
        #expect(harness.templates() == ["act-now"])
        let next = try #require(Self.read(harness.reminderBytes[0]))
        #expect(next.journey == first.journey)
    }

    @Test func whatWasNotSentIs() throws {
        let harness = try rebuilt([])
        try harness.start()
        try harness.tick(start + .hours(2))
        #expect(harness.templates() == ["spot-saved"])
    }

    @Test func aSnapshotKnowsWhatWasSent() throws {
        let harness = try rebuilt([Self.found(try sent())])
        try harness.event(
            "checkout.started", at: start, prospect: "p-2", id: "another",
            data: ["prospect": ["email": "p-2@example.com"], "product": ["id": "gold"]])
        try harness.engine.makeSnapshots()
        try harness.reopen()
        try harness.event(
            "checkout.started", at: start, id: "e-0",
            data: ["prospect": ["email": "p-1@example.com"], "product": ["id": "gold"]])
        try harness.tick(start + .hours(2))
        #expect(harness.templates() == ["spot-saved"])
        #expect((harness.data(0)["prospect"] as? [String: Any])?["id"] as? String == "p-2")
    }

    @Test func aSnapshotKnowsWhatOperatorsDecided() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        // A journal that holds nothing: whatever is known comes from the snapshot.
        try ShardJournal.open(directory: path, fileSystem: POSIXFileSystem(), settings: JournalSettings()).close()
        let key = [UInt8](repeating: 7, count: 32)
        let reminder = FoundReminder(journey: JourneyReference(rawValue: 5), step: 1, emitted: start)
        let fold = ShardFold(key: key, topicCount: 1)
        fold.intervene(.rebuilt, at: start)
        fold.intervene(.clockAccepted, at: start)
        fold.note(reminder)
        try StateSnapshot.write(fold, at: .start, directory: path, POSIXFileSystem())
        let loaded = try Restorer(
            path: path, key: key, fileSystem: POSIXFileSystem(), topicCount: 1, log: .silent
        ).restore(to: .start)
        #expect(loaded.interventions == fold.interventions)
        #expect(loaded.acceptedClock == start)
        #expect(loaded.policies.readsAgain(at: start - .hours(1)))
        #expect(loaded.policies.foundReminders(at: .distantPast) == [reminder])
    }
}
