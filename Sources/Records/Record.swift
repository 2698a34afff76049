import Journey

/// One record of a frame's body, in the order in which it was written. A value without references.
public enum Record: Equatable {
    /// An event. The facts that follow were decided from it.
    case input(Input)
    /// What was decided from the input, message, timer or migration before it.
    case fact(Fact)
    /// A message that went to the dead-letter topic, with a code of its reason.
    case refused(MessagePlace, reason: UInt8)
    /// A message without a value.
    case tombstone(MessagePlace)
    /// An event of a type that Winback does not know.
    case unknownType(MessagePlace)
    /// The partition's clock moved on; timers that fired follow.
    case tick(clock: Instant)
    /// A prospect's due timer. The facts that follow were decided from it.
    case timer(ProspectKey)
    /// A prospect whose journeys an operator moved to the newest versions of their policies. The facts that follow say so.
    case migration(ProspectKey)
    /// A prospect that has the address of the erasure before it. The facts that follow erase it, too.
    case match(ProspectKey)
    /// A configuration became current: its text in UTF-8 JSON, which lies in the frame's body.
    case activation(at: Instant, text: UnsafeRawBufferPointer)
    /// An operator's decision.
    case intervention(Intervention, at: Instant)
    /// A command that was found when the journal was rebuilt.
    case found(FoundReminder)
    /// The command of the next requested reminder before it that has none yet, as it was published.
    case command(CommandDigest)
    /// The address that the input before it brings, as far as its record is kept, or erases: a keyed hash by which whoever
    /// knows the address finds what remains of a person whose data has been destroyed.
    case address(UInt64)
    /// All records of a prospect that lie before a position have been destroyed, after an erasure or at the end of their
    /// retention.
    case destroyed(ProspectKey, before: RecordPosition, at: Instant)

    public static func == (a: Record, b: Record) -> Bool {
        switch (a, b) {
        case (.input(let a), .input(let b)): a == b
        case (.fact(let a), .fact(let b)): a == b
        case (.refused(let a, let reasonA), .refused(let b, let reasonB)): a == b && reasonA == reasonB
        case (.tombstone(let a), .tombstone(let b)): a == b
        case (.unknownType(let a), .unknownType(let b)): a == b
        case (.tick(let a), .tick(let b)): a == b
        case (.timer(let a), .timer(let b)): a == b
        case (.migration(let a), .migration(let b)): a == b
        case (.match(let a), .match(let b)): a == b
        case (.activation(let atA, let textA), .activation(let atB, let textB)):
            atA == atB && textA.elementsEqual(textB)
        case (.intervention(let a, let atA), .intervention(let b, let atB)): a == b && atA == atB
        case (.found(let a), .found(let b)): a == b
        case (.command(let a), .command(let b)): a == b
        case (.address(let a), .address(let b)): a == b
        case (.destroyed(let a, let beforeA, let atA), .destroyed(let b, let beforeB, let atB)):
            a == b && beforeA == beforeB && atA == atB
        default: false
        }
    }
}

/// A keyed digest of a command's bytes (SipHash-2-4-128 under the data directory's key): a replay, or what lies in the topic,
/// is compared with it also after the personal data that the command was made from has been destroyed, and without the key
/// nobody can confirm a guess of what a command said.
public struct CommandDigest: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Where a message came from that gave no input: an index into `topics.events`, the offset in the shard's partition of
/// that topic, and its message timestamp.
public struct MessagePlace: Hashable, Sendable {
    public var topic: UInt8
    public var offset: Int64
    public var time: Instant

    public init(topic: UInt8, offset: Int64, time: Instant) {
        self.topic = topic
        self.offset = offset
        self.time = time
    }
}
