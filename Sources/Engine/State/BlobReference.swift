/// Where a prospect's blob lies in its `ProspectStore`: its place in units of 8 bytes. It is good until the blob is
/// stored again (which may move it) or removed.
public struct BlobReference: Hashable, Sendable {
    /// Never 0: that is what an empty index slot and the end of a list hold.
    var rawValue: UInt32
}
