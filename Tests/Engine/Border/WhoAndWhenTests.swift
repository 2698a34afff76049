import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Testing

@testable import Engine

/// Whose event it is, when it happened, and whether it may lie where it does: from messages to reminders.
@Suite("who is a prospect, whose time, events that are keyed otherwise")
struct WhoAndWhenTests {
    /// A message of one of two partitions.
    private struct Sent {
        var key: String?
        var partition: Int32 = 0
        var value: String?

        /// - Parameters:
        ///   - prospect: the JSON of `data.prospect`.
        ///   - time: as the event says it; `nil`: it says none.
        init(
            _ type: String, _ prospect: String, tenant: String = "shop", time: String? = Self.now,
            key: String? = nil, partition: Int32 = 0
        ) {
            let at = time.map { #","time":"\#($0)""# } ?? ""
            value =
                #"{"specversion":"1.0","id":"\#(UUID())","source":"/t","type":"\#(type)"\#(at),"data":{"tenant":"\#(tenant)","prospect":\#(prospect)}}"#
            self.key = key
            self.partition = partition
        }

        /// A checkout is started.
        init(_ prospect: String, time: String? = Self.now, key: String? = nil) {
            self.init("checkout.started", prospect, time: time, key: key)
        }

        static let now = "2027-01-15T08:00:00Z"
    }

    /// - Returns: the addresses that are reminded an hour later, and how many messages were refused.
    private static func play(
        _ messages: [Sent], settings: String = "", partitions: Int = 1, after span: Span = .minutes(61)
    ) throws -> (reminded: [String], refused: Int) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = try Configuration.parse(
            text: settings + "\n" + OfflineHarness.memberships.replacing("{window: 7d}", with: "{window: 1m}"))
        configuration.data = folder.path
        let engine = try OfflineEngine(
            configuration: configuration, partitions: partitions, activation: OfflineHarness.start,
            fileSystem: POSIXFileSystem(),
            journal: JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 256 << 10))
        defer { try? engine.close() }
        let batch = MessageBatch(capacity: messages.count)
        for (offset, message) in messages.enumerated() {
            Array((message.key ?? "").utf8).withUnsafeBytes { key in
                Array((message.value ?? "").utf8).withUnsafeBytes { value in
                    _ = batch.append(
                        partition: message.partition, offset: Int64(offset),
                        timestampMilliseconds: OfflineHarness.start.milliseconds,
                        key: message.key == nil ? nil : key, value: message.value == nil ? nil : value)
                }
            }
        }
        try engine.fold(batch)
        _ = try engine.tick(OfflineHarness.start + span)
        var reminded: [String] = []
        var refused = 0
        try engine.commit { published in
            guard published.isReminder, let value = published.value else {
                refused += 1
                return
            }
            let object = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any]
            let data = object?["data"] as? [String: Any]
            reminded.append((data?["prospect"] as? [String: Any])?["email"] as? String ?? "")
        }
        return (reminded.sorted(), refused)
    }

    private static let anna = #"{"id":"p-1","email":"anna@example.com"}"#
    private static let bert = #"{"id":"p-2","email":"bert@example.com"}"#

    @Test func aTimeInTheFutureCountsAsTheMessagesTime() throws {
        let far = Sent("checkout.started", Self.anna, time: "2028-01-15T08:00:00Z")
        #expect(try Self.play([far]).reminded == ["anna@example.com"])
        // Nor does it suppress what happens meanwhile.
        let purchase = Sent("checkout.completed", Self.anna, time: "2028-01-15T08:00:00Z")
        let later = Sent("checkout.started", Self.anna, time: nil)
        #expect(try Self.play([far, purchase]).reminded == [])
        #expect(try Self.play([Sent(Self.bert), far, later]).reminded == ["anna@example.com", "bert@example.com"])
    }

    @Test func withoutATimeTheMessagesTimeCounts() throws {
        #expect(try Self.play([Sent(Self.anna, time: nil)]).reminded == ["anna@example.com"])
        #expect(try Self.play([Sent(Self.anna, time: nil)], after: .minutes(59)).reminded == [])
    }

    @Test func aProspectIsTenantAndID() throws {
        let elsewhere = Sent("checkout.completed", Self.anna, tenant: "other")
        #expect(try Self.play([Sent(Self.anna), elsewhere]).reminded == ["anna@example.com"])
        let other = Sent("checkout.completed", #"{"id":"p-9","email":"anna@example.com"}"#)
        #expect(try Self.play([Sent(Self.anna), other]).reminded == ["anna@example.com"])
        #expect(try Self.play([Sent(Self.anna), Sent("checkout.completed", #"{"id":"p-1"}"#)]).reminded == [])
        #expect(try Self.play([Sent(Self.anna), Sent("checkout.completed", #"{"id":"P-1"}"#)]).reminded.count == 1)
    }

    @Test func withoutAnIDTheAddressIsTheProspect() throws {
        let start = Sent(#"{"email":"Anna@Example.com"}"#)
        #expect(try Self.play([start]).reminded == ["Anna@Example.com"])
        let purchase = Sent("checkout.completed", #"{"email":" anna@example.COM "}"#)
        #expect(try Self.play([start, purchase]).reminded == [])
        // Who is seen with and without an id is two prospects.
        #expect(try Self.play([start, Sent("checkout.completed", Self.anna)]).reminded.count == 1)
    }

    @Test func withIdentityEmailTheIDDoesNotMatter() throws {
        let settings = "identity: email"
        let purchase = Sent("checkout.completed", #"{"id":"p-9","email":"ANNA@example.com"}"#)
        #expect(try Self.play([Sent(Self.anna), purchase], settings: settings).reminded == [])
        let nobody = try Self.play([Sent(#"{"id":"p-1"}"#)], settings: settings)
        #expect(nobody.reminded == [] && nobody.refused == 1)
    }

    @Test func theKeyIsTheIdentityAloneOrWithItsTenant() throws {
        for key in ["p-1", "shop:p-1"] {
            let (reminded, refused) = try Self.play([Sent(Self.anna, key: key)], partitions: 2)
            #expect(reminded == ["anna@example.com"] && refused == 0, "\(key)")
        }
        for key in ["p-2", "other:p-1", "shop:", "p-1 ", "", nil] {
            let (reminded, refused) = try Self.play([Sent(Self.anna, key: key)], partitions: 2)
            #expect(reminded == [] && refused == 1, "\(key ?? "none")")
        }
    }

    @Test func whatEndsOrSuppressesIsFoldedWhateverItsKey() throws {
        for type in ["checkout.completed", "contact.opted-out", "contact.erasure-requested", "lead.cancelled"] {
            let messages = [Sent(Self.anna, key: "p-1"), Sent(type, Self.anna, key: "order-7")]
            let (reminded, refused) = try Self.play(messages, partitions: 2)
            #expect(reminded == [] && refused == 0, "\(type)")
        }
    }

    @Test func onOnePartitionOrWhereAnyKeyWillDoKeysAreNotCompared() throws {
        let stranger = Sent(Self.anna, key: "cart-7")
        #expect(try Self.play([stranger]).reminded == ["anna@example.com"])
        let settings = "topics: {key: any}"
        #expect(try Self.play([stranger], settings: settings, partitions: 2).reminded == ["anna@example.com"])
    }

    @Test func aNullValueAndAnUnknownTypeAreIgnoredOrRefused() throws {
        var tombstone = Sent(Self.anna, key: "p-1")
        tombstone.value = nil
        let unknown = Sent("shop.opened", Self.anna, key: "p-1")
        #expect(try Self.play([tombstone, unknown, Sent(Self.bert)]).refused == 0)
        let strict = try Self.play([tombstone, unknown, Sent(Self.bert)], settings: "events: {unknown: refuse}")
        #expect(strict.refused == 1 && strict.reminded == ["bert@example.com"])
    }
}
