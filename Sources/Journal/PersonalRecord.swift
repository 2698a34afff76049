/// A piece of personal data in a frame. Others refer to it by the logical position at which it begins.
///
/// Records follow each other without gaps in the frame's personal section:
///
/// ```
///    0  u32   bytes from the frame's start to this record
///    4  u32   bytes from the frame's start to this record's entry (digest, length) in the covered part
///    8  u32   bytes of the data
///   12  u32   number of this record in its frame, from 0
///   16  [16]  salt
///   32  ...   data
/// ```
///
/// The digest in the covered part is SHA-256(salt ‖ data). A record is destroyed when its salt and its data are all
/// zeros: then nobody can confirm a guess from the digest that stays.
public struct PersonalRecord {
    /// The logical position that names the record.
    public let position: UInt64
    /// The data, valid as long as the frame it comes from; nil if it has been destroyed.
    public let bytes: UnsafeRawBufferPointer?

    package static let headerBytes = 16
    package static let saltBytes = 16
    static let overhead = headerBytes + saltBytes

    enum State { case intact, destroyed, damaged }

    /// Compares salt and data with their digest.
    static func state(
        salt: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, digest: FrameHash, sha: SHA256
    ) -> State {
        if sha.digest(salt, data) == digest { return .intact }
        return salt.allSatisfy { $0 == 0 } && data.allSatisfy { $0 == 0 } ? .destroyed : .damaged
    }

    /// The numbers at the beginning of a record.
    struct Header: Equatable {
        var frameDistance: UInt32
        var digestDistance: UInt32
        var length: UInt32
        var index: UInt32

        init(frameDistance: Int, digestDistance: Int, length: Int, index: Int) {
            self.frameDistance = UInt32(frameDistance)
            self.digestDistance = UInt32(digestDistance)
            self.length = UInt32(length)
            self.index = UInt32(index)
        }

        init(at base: UnsafeRawPointer) {
            frameDistance = UInt32(littleEndian: base.loadUnaligned(as: UInt32.self))
            digestDistance = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            length = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            index = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        }
    }
}
