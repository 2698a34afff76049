/// The room on the disk that a path lies on.
public struct DiskSpace: Hashable, Sendable {
    public var totalBytes: Int64
    /// What a process without privileges can still write.
    public var freeBytes: Int64

    public init(totalBytes: Int64, freeBytes: Int64) {
        self.totalBytes = totalBytes
        self.freeBytes = freeBytes
    }
}
