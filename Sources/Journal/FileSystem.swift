/// The disk as the journal sees it. It is handed in so that a simulator can lose and tear what was not synced.
///
/// Everything throws ``JournalError``. Paths are the operating system's, folders separated by `/`.
public protocol FileSystem: Sendable {
    /// Opens a file. Throws `.notFound` if it has to exist and does not.
    func open(_ path: String, _ mode: OpenMode) throws -> any File
    /// The names in a folder, in no order, without `.` and `..`.
    func list(_ directory: String) throws -> [String]
    func exists(_ path: String) throws -> Bool
    /// Removes a file; durable after ``syncDirectory(_:)``.
    func remove(_ path: String) throws
    /// Replaces `to` in one step; durable after ``syncDirectory(_:)``.
    func rename(_ from: String, to: String) throws
    /// Makes one folder; its parent has to exist.
    func makeDirectory(_ path: String, permissions: UInt32) throws
    /// Makes names that were created, renamed or removed in the folder durable.
    func syncDirectory(_ path: String) throws
    /// The room on the disk that a path lies on; nil where that has no meaning.
    func space(at path: String) throws -> DiskSpace?
    /// Takes an exclusive lock without waiting; throws `.locked` with the owner's process id if it is known.
    func lock(_ path: String) throws -> any FileLock
}

/// How a file is opened.
public enum OpenMode: Sendable, Hashable {
    /// An existing file, for reading.
    case read
    /// An existing file, for reading here and there: nothing around what is asked for is read ahead.
    case lookUp
    /// An existing file, for reading and writing.
    case write
    /// An empty file for reading and writing; one that exists is emptied. Only its owner may read it.
    case create
}

/// An open file. Positions are bytes from its beginning.
///
/// Calls may come from several threads. A file is closed by ``close()`` or with its last reference.
public protocol File: AnyObject, Sendable {
    /// Fills the buffer; returns fewer bytes than it holds only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int
    /// Writes all bytes or throws.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws
    /// Waits until the disk has what was written to the range. It is not durable by that.
    func waitUntilWritten(_ range: Range<UInt64>) throws
    /// Makes what was written durable (`fdatasync`). After it has thrown, what is on disk is unknown.
    func sync() throws
    func size() throws -> UInt64
    func truncate(to size: UInt64) throws
    /// Maps the file's first `length` bytes.
    func map(length: Int, _ access: MapAccess) throws -> any MappedRegion
    func close()
}

/// What a mapping may be used for.
public enum MapAccess: Sendable {
    /// Of which some pages are read: nothing around them is read ahead.
    case readOnly
    /// Writable memory of our own that begins with the file's content and never changes it. All of it is read at once.
    case ownCopy
}

/// A file's content as memory, until the last reference is gone.
public protocol MappedRegion: AnyObject, Sendable {
    /// Page-aligned. Must not be written to if it was mapped read-only.
    var bytes: UnsafeMutableRawBufferPointer { get }
}

/// An exclusive lock, held until ``release()`` or the last reference is gone.
public protocol FileLock: AnyObject, Sendable {
    func release()
}

extension FileSystem {
    /// A simulated disk is never full.
    public func space(at path: String) throws -> DiskSpace? { nil }

    /// Writes a small file so that after a crash either its old or its new content is there, whole.
    func writeAtomically(_ bytes: UnsafeRawBufferPointer, to name: String, in directory: String) throws {
        let temporary = "\(directory)/\(name).new"
        let file = try open(temporary, .create)
        defer { file.close() }
        try file.write(bytes, at: 0)
        try file.sync()
        try rename(temporary, to: "\(directory)/\(name)")
        try syncDirectory(directory)
    }

    /// The content of a file of at most `limit` bytes; nil if there is none.
    func readSmallFile(_ path: String, limit: Int) throws -> [UInt8]? {
        guard try exists(path) else { return nil }
        let file = try open(path, .read)
        defer { file.close() }
        let size = try file.size()
        guard size <= UInt64(limit) else {
            throw JournalError(
                .damaged, path: path, message: "is \(size) bytes long, but at most \(limit) were ever written")
        }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return Array(bytes.prefix(count))
    }
}
