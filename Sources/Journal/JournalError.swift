/// Something about the journal's files went wrong: what, where and what to do.
public struct JournalError: Error, CustomStringConvertible, Sendable {
    /// What kind of thing went wrong, for callers that react to it.
    public enum Code: String, Sendable {
        /// The operating system refused a file operation.
        case inputOutput
        /// A file or folder is not there.
        case notFound
        /// Another owner holds the lock.
        case locked
        /// Bytes on disk are not what was written.
        case damaged
        /// The journal has another history than the one asked for.
        case diverged
        /// The personal data asked for has been destroyed on purpose.
        case destroyed
        /// An earlier write or sync failed: this journal must be opened again, through recovery.
        case failed
        /// The frame does not fit into a segment.
        case frameTooLarge
        /// A newer program wrote this.
        case newerFormat
        /// The folder holds something other than our data.
        case notOurs
        /// The data directory's key is gone.
        case keyLost
        /// A setting makes no sense.
        case invalidSetting
    }

    public var code: Code
    /// The file or folder concerned.
    public var path: String
    /// The byte in that file, where one can be named.
    public var offset: UInt64?
    /// What happened and what to do about it.
    public var message: String

    public init(_ code: Code, path: String, offset: UInt64? = nil, message: String) {
        self.code = code
        self.path = path
        self.offset = offset
        self.message = message
    }

    public var description: String {
        guard let offset else { return "\(path): \(message)" }
        return "\(path), byte \(offset): \(message)"
    }
}
