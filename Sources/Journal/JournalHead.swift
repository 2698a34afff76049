/// A place between two frames of a journal, with the history that leads to it.
public struct JournalHead: Hashable, Sendable {
    /// The logical byte position where the next frame starts.
    public var position: UInt64
    /// The hash of the frame that ends there; ``FrameHash/zero`` at the start.
    public var hash: FrameHash

    public init(position: UInt64, hash: FrameHash) {
        self.position = position
        self.hash = hash
    }

    /// Where every journal begins. It is not zero, so that a position of zero can mean "none".
    public static let start = JournalHead(position: 4096, hash: .zero)
    /// Positions stay below this, so that they can be packed into 48 bits.
    public static let positionLimit: UInt64 = 1 << 48
}

/// The newest end of a frame whose Kafka commit is known to have succeeded.
public struct Confirmation: Hashable, Sendable {
    public var position: UInt64
    public var hash: FrameHash
    /// The committed input offset that it stands for; -1 if nothing has been confirmed.
    public var offset: Int64

    public init(position: UInt64, hash: FrameHash, offset: Int64) {
        self.position = position
        self.hash = hash
        self.offset = offset
    }

    /// Of a journal in which nothing has been confirmed.
    public static let none = Confirmation(
        position: JournalHead.start.position, hash: JournalHead.start.hash, offset: -1)

    public var head: JournalHead { JournalHead(position: position, hash: hash) }
}
