import Journey

/// Why reminders went out to a person, or did not: what happened in sentences, each with its evidence, and how it stands with
/// each reminder. The same content for people and for programs.
public struct Explanation: Codable, Sendable, Equatable {
    public var person: Person
    /// What happened later is left out; `nil`: all that the journal knows.
    public var asOf: AuditTime?
    /// Up to where the partition's clock had come; `nil` before its first tick.
    public var clock: AuditTime?
    public var sentences: [Sentence] = []
    public var verdicts: [Verdict] = []
    public var notes: [Note] = []

    /// What keeps journeys from opening, or is left out of the answer.
    public struct Note: Codable, Sendable, Equatable {
        public var text: String
        /// From when on it does not hold any more, where that is known.
        public var until: AuditTime?
        public var policy: String?
        public var lines: [String] = []
    }

    public struct Person: Codable, Sendable, Equatable {
        public var tenant: String?
        public var prospect: String?
        public var email: String?
        public var partition: Int32
        /// The keyed hash by which the journal knows the person, in hexadecimal digits.
        public var key: String
        /// Whether any of the person's data has been erased, or destroyed at the end of its retention.
        public var isErased: Bool
    }

    public struct Sentence: Codable, Sendable, Equatable {
        /// An event's own time; else the clock's.
        public var at: AuditTime
        public var text: String
        public var evidence: Evidence
        /// Whether it says what was decided from what the sentence before it says.
        public var isConsequence: Bool
        public var isPending: Bool
    }

    public struct Evidence: Codable, Sendable, Equatable {
        /// Of the message, where there is one.
        public var topic: String?
        public var partition: Int32
        public var offset: Int64?
        /// Of the message's event, as far as that is kept.
        public var event: String?
        /// The partition's clock.
        public var clock: AuditTime?
        /// Where the frame begins in the journal.
        public var position: UInt64
        public var policy: String?
        public var version: Int?
        /// What of the policy applied, as its configuration has it.
        public var lines: [String] = []
    }

    /// How it stands with one reminder of a journey, or with an event that opened none.
    public struct Verdict: Codable, Sendable, Equatable {
        public enum Outcome: String, Codable, CaseIterable, Sendable {
            case sent
            /// It went out before the journal was rebuilt.
            case sentBefore = "sent-before-rebuild"
            case tooLate = "too-late"
            case overtaken
            case noConsent = "no-consent"
            case noAddress = "no-address"
            case missingField = "missing-field"
            case withheld
            case waiting
            case held
            case converted
            case cancelled
            case superseded
            case optedOut = "opted-out"
            case erased
            case expired
            /// No journey opened: `reason` says why.
            case neverOpened = "never-opened"

            public var isSent: Bool { self == .sent || self == .sentBefore }
        }

        public var outcome: Outcome
        /// Why no journey opened, or what would keep a reminder that is still to come from being sent.
        public var reason: String?
        public var text: String
        public var journey: String?
        public var openedAt: AuditTime?
        public var policy: String?
        public var version: Int?
        /// From 1.
        public var step: Int?
        public var template: String?
        /// The command's id; of a reminder that was not sent, the one that it would have.
        public var command: String?
        public var dueAt: AuditTime?
        /// When it was sent, or what kept it from being sent happened.
        public var at: AuditTime?
        public var evidence: Evidence?
    }
}
