/// Bytes of a frame's body that this version did not write. The frame's checksum was right, so either a newer program
/// wrote them or it is a mistake of ours. Whoever knows the file adds where it lies and what to do.
public struct RecordError: Error, Equatable, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable {
        /// The body has a version that this program does not know.
        case unknownVersion
        /// The bytes end inside a record, or before the end mark.
        case truncated
        /// A record, or a value in one, that does not exist in this version.
        case unknownValue
        /// A number of more than 64 bits.
        case overlongNumber
        /// Bytes behind the end mark.
        case trailingBytes
    }

    public var code: Code
    /// Bytes from the beginning of the body.
    public var offset: Int
    /// What was being read.
    public var what: String

    public init(_ code: Code, offset: Int, _ what: StaticString) {
        self.code = code
        self.offset = offset
        self.what = what.description
    }

    public var description: String {
        switch code {
        case .unknownVersion: "the frame's records are of a newer version (\(what), byte \(offset)): update winback"
        case .truncated: "the frame's records end too early, at byte \(offset) (\(what))"
        case .unknownValue: "the frame holds an unknown \(what) at byte \(offset)"
        case .overlongNumber: "the frame holds a number of more than 64 bits at byte \(offset)"
        case .trailingBytes: "the frame holds bytes behind its last record, at byte \(offset)"
        }
    }
}
