import Configuration
import Contract
import Foundation
import Journey

/// Reads of a published command what names it: whose reminder it was, and which.
struct CommandText {
    typealias Identity = Configuration.Identity

    struct Command: Equatable {
        var journey: JourneyReference
        /// From 0.
        var step: UInt8
        var emitted: Instant
        /// When the journey opened.
        var opened: Instant
        /// Its journey opened with an event without an id.
        var dependsOnKey: Bool
    }

    /// Of a data directory; without one the ids of journeys that opened with an event without an id can't be derived.
    private let hash: KeyedHash?
    private let identity: Identity
    private let digest = PublicDigest()

    init(key: [UInt8]?, identity: Identity) {
        hash = key.map { KeyedHash(key: $0) }
        self.identity = identity
    }

    /// `nil` for anything but a command.
    func read(_ value: UnsafeRawBufferPointer?) -> Command? {
        guard let value, let bytes = value.baseAddress,
            let object = try? JSONSerialization.jsonObject(
                with: Data(
                    bytesNoCopy: UnsafeMutableRawPointer(mutating: bytes), count: value.count, deallocator: .none))
                as? [String: Any],
            object["type"] as? String == ReminderCommand.type, let data = object["data"] as? [String: Any],
            let id = data["journey"] as? String, id.utf8.count == 32, let journey = UInt64(id.prefix(16), radix: 16),
            let number = (data["step"] as? [String: Any])?["number"] as? Int, let step = UInt8(exactly: number - 1),
            let emitted = Self.time(data["emittedAt"]), let opening = data["openedBy"] as? [String: Any],
            let opened = Self.time(opening["time"])
        else { return nil }
        return Command(
            journey: derivedReference(data, opening, opened) ?? JourneyReference(rawValue: journey), step: step,
            emitted: emitted, opened: opened, dependsOnKey: (opening["id"] as? String ?? "").isEmpty)
    }

    private static func time(_ text: Any?) -> Instant? {
        guard var text = text as? String else { return nil }
        return text.withUTF8 { Timestamp.parse(UnsafeRawBufferPointer($0)) }.map { Instant(milliseconds: $0) }
    }

    /// The id of a journey whose opening event had none stands on a hash of the prospect under the data directory's key:
    /// under a new key the same event gives another id.
    private func derivedReference(
        _ data: [String: Any], _ opening: [String: Any], _ opened: Instant
    ) -> JourneyReference? {
        guard let hash, (opening["id"] as? String ?? "").isEmpty, let person = data["prospect"] as? [String: Any],
            let policy = (data["policy"] as? [String: Any])?["name"] as? String
        else { return nil }
        let name = person["id"] as? String ?? ""
        let usesEmail = identity == .email || name.isEmpty
        let who = usesEmail ? (person["email"] as? String ?? "").lowercased() : name
        let prospect = Self.withBytes(data["tenant"] as? String ?? "") { tenant in
            Self.withBytes(who) { hash.prospectKey(usesEmail ? .email : .prospect, tenant: tenant, $0) }
        }
        let seed = digest.seed(of: prospect, at: opened)
        return JourneyReference(rawValue: seed.high ^ digest.policyIdentity(policy).high)
    }

    private static func withBytes<R>(_ text: String, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        var text = text
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
