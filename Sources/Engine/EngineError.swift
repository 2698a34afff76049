/// Why the engine does not start, or stopped. The message says what happened, where, and what to do.
public struct EngineError: Error, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable {
        /// The journal ends before the position that the committed offset stands for.
        case journalBehind = "journal-behind"
        /// The journal has another frame at the committed position.
        case journalDiverged = "journal-diverged"
        /// The broker's committed offset is older than one that is known to have been committed.
        case offsetsRestored = "offsets-restored"
        /// A committed offset without Winback's metadata: someone reset the group.
        case groupReset = "group-reset"
        /// The broker has no committed offset for a partition whose journal has frames.
        case offsetsForgotten = "offsets-forgotten"
        case offsetOutOfRange = "offset-out-of-range"
        case partitionCountChanged = "partition-count-changed"
        /// Another list of event topics than the journal was written from.
        case topicsChanged = "topics-changed"
        case topicMissing = "topic-missing"
        case topicsUnequal = "topics-unequal"
        /// Another instance is a member of the consumer group.
        case otherInstance = "other-instance"
        case assignmentIncomplete = "assignment-incomplete"
        case fenced
        case clockGap = "clock-gap"
        /// The data directory's disk has too little room left.
        case diskFull = "disk-full"
        case configurationOlder = "configuration-older"
        /// `winback recover` was interrupted while it rebuilt journals.
        case rebuildInterrupted = "rebuild-interrupted"
        /// The reminder topic holds more than a recovery can look through.
        case tooManyCommands = "too-many-commands"
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

extension EngineError {
    static func rebuildInterrupted(_ path: String) -> EngineError {
        EngineError(
            .rebuildInterrupted,
            """
            `winback recover` was interrupted while it rebuilt journals in \(path). Run `winback recover` again; nothing was \
            read or sent.
            """)
    }

    static var olderConfiguration: EngineError {
        EngineError(
            .configurationOlder,
            """
            The configuration's policies are older than the newest that the journal has activated: this is probably an old \
            file. To go back to them on purpose, say `--rollback`: `run` and `policies apply` take it.
            """)
    }

    /// Of a configuration that the journal can't take.
    public static var tooManyFields: EngineError {
        EngineError(
            .configurationOlder,
            """
            Over time the policies have used more than \(PolicyKeyTable.maximumFields) different fields of events, which is \
            all that a journal can number. Use fields that were used before, or start a new data directory and group.
            """)
    }
}
