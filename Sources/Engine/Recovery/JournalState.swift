import Configuration
import Journal
import Journey
import Telemetry

/// What a shard's journal adds up to, for readers beside a running engine or long after it.
///
/// It is made by the engine's own recovery: from the newest snapshot and the frames behind it, so it costs what a restart
/// costs, holds no second copy of anything, and can't disagree with the engine.
public final class JournalState {
    public let partition: Int32
    /// The journal's end as far as it was read.
    public let head: JournalHead
    public var policies: PolicySet { fold.policies }
    public var clock: Instant { fold.clock }
    private let fold: ShardFold
    private let records: PersonalRecords
    /// Prospects that frames changed whose commit is not known to have succeeded.
    private let pending: Set<ProspectKey>
    /// Up to where commits are known to have succeeded.
    let confirmedPosition: UInt64
    var destructions: PendingDestructions { fold.destructions }

    /// - Parameters:
    ///   - confirmedPosition: up to where commits are known to have succeeded, if more is known than the journal says.
    public init(
        _ directory: DataDirectory, partition: Int32, confirmedPosition: UInt64 = 0, log: Log = .silent
    ) throws {
        self.partition = partition
        let path = directory.shardPath(partition)
        let restorer = Restorer(
            path: path, key: directory.key, fileSystem: directory.fileSystem, topicCount: Self.topicCount, log: log)
        // Which frames are confirmed is known from the frames behind them, so it is asked after all have been read.
        var confirmed = confirmedPosition
        var touched: [(end: UInt64, prospects: Set<ProspectKey>)] = []
        let (fold, head, confirmation) = try restorer.restoreToEnd { end, confirmedBefore, records in
            confirmed = max(confirmed, confirmedBefore)
            touched.removeAll { $0.end <= confirmed }
            var prospects = Set<ProspectKey>()
            try records.collectProspects(into: &prospects)
            touched.append((end, prospects))
        }
        self.fold = fold
        self.head = head
        confirmed = max(confirmed, confirmation)
        self.confirmedPosition = confirmed
        pending = touched.filter { $0.end > confirmed }.reduce(into: []) { $0.formUnion($1.prospects) }
        records = try PersonalRecords(directory: path, fileSystem: directory.fileSystem)
    }

    /// The newest configuration that the shard has activated; `nil` before the first.
    public func activePolicies() throws -> PolicyText? {
        try fold.activations.last.map { try PolicyText(text: $0.text) }
    }

    /// The policies as they would be once this configuration is activated. To be asked once: it numbers the configuration's
    /// fields as an activation does.
    ///
    /// - Returns: `nil` where the shard can't hold them: they use too many fields.
    public func policies(activating text: PolicyText, at time: Instant) -> PolicySet? {
        if fold.activations.last?.text == text.text { return fold.policies }
        guard fold.keys.canHold(text.policies) else { return nil }
        var policies = fold.policies
        fold.keys.register(text.policies)
        policies.activate(text.policies, text.settings, at: time, keys: fold.keys)
        return policies
    }

    /// A snapshot says itself how many topics there are; the journal's records may be of any.
    private static let topicCount = 64

    /// Every prospect of whom anything is known. `isPending`: something about it is not known to be committed yet.
    public func visitProspects(_ body: (ProspectKey, ProspectState, _ isPending: Bool) throws -> Void) rethrows {
        try fold.visitProspects { key, state in try body(key, state, pending.contains(key)) }
    }

    /// What a journey's command would say of the person now. `nil` where the data has been destroyed.
    public func person(_ state: ProspectState, _ journey: JourneyState) throws -> Person? {
        guard journey.details.record != .none, journey.opening != .none else { return nil }
        do {
            var person = try records.withPersonal(at: journey.details.record.rawValue) {
                Person(PersonalRecord.View(bytes: $0))
            }
            if !state.contact.isNone, state.contact.record != journey.details.record {
                person.email = try records.withPersonal(at: state.contact.record.rawValue) {
                    Person(PersonalRecord.View(bytes: $0)).email
                }
            }
            return person
        } catch let error as JournalError where error.code == .destroyed {
            return nil
        }
    }

    /// The event that opened a journey, as far as it says where events about it belong. `nil` where the data has been
    /// destroyed.
    public func opening(of journey: JourneyState) throws -> Opening? {
        guard journey.opening != .none else { return nil }
        do {
            return try records.withPersonal(at: journey.opening.rawValue) { Opening(PersonalRecord.View(bytes: $0)) }
        } catch let error as JournalError where error.code == .destroyed {
            return nil
        }
    }

    public struct Opening: Sendable, Equatable {
        /// Of the message, where it was not the prospect's id.
        public var key: String
        public var tenant: String
        public var prospectID: String
        public var email: String
        public var product: String
        public var subject: String

        public init(
            key: String = "", tenant: String = "", prospectID: String = "", email: String = "", product: String = "",
            subject: String = ""
        ) {
            self.key = key
            self.tenant = tenant
            self.prospectID = prospectID
            self.email = email
            self.product = product
            self.subject = subject
        }

        init(_ record: PersonalRecord.View) {
            func text(_ tag: PersonalRecord.Tag) -> String { String(decoding: record.item(tag), as: UTF8.self) }
            self.init(
                key: text(.key), tenant: text(.tenant), prospectID: text(.prospectID), email: text(.email),
                product: text(.product), subject: text(.subject))
        }
    }

    public struct Person: Sendable, Equatable {
        public var tenant: String
        public var prospectID: String
        public var email: String
        public var product: String

        /// - Parameter record: a personal record of the journal.
        public init(record: UnsafeRawBufferPointer) { self.init(PersonalRecord.View(bytes: record)) }

        init(_ record: PersonalRecord.View) {
            func text(_ tag: PersonalRecord.Tag) -> String { String(decoding: record.item(tag), as: UTF8.self) }
            tenant = text(.tenant)
            prospectID = text(.prospectID)
            email = text(.email)
            product = text(.product)
        }
    }
}
