import Glibc

/// The machine's own disk. Short writes are continued and interrupted calls repeated.
public struct POSIXFileSystem: FileSystem {
    public init() {}

    public func open(_ path: String, _ mode: OpenMode) throws -> any File {
        let flags =
            switch mode {
            case .read, .lookUp: O_RDONLY
            case .write: O_RDWR
            case .create: O_RDWR | O_CREAT | O_TRUNC
            }
        let descriptor = retrying { Glibc.open(path, flags | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
        // Advice only: a system that does not take it reads more than is asked for.
        if mode == .lookUp { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM) }
        return POSIXFile(path: path, descriptor: descriptor)
    }

    public func list(_ directory: String) throws -> [String] {
        guard let stream = opendir(directory) else { throw failure(directory, "cannot be listed") }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw failure(directory, "cannot be listed") }
        return names
    }

    public func exists(_ path: String) throws -> Bool {
        guard access(path, F_OK) != 0 else { return true }
        guard errno == ENOENT else { throw failure(path, "cannot be looked up") }
        return false
    }

    public func remove(_ path: String) throws {
        guard unlink(path) == 0 else { throw failure(path, "cannot be removed") }
    }

    public func rename(_ from: String, to: String) throws {
        guard Glibc.rename(from, to) == 0 else { throw failure(from, "cannot be renamed to \(to)") }
    }

    public func makeDirectory(_ path: String, permissions: UInt32) throws {
        guard mkdir(path, permissions) == 0 else { throw failure(path, "cannot be made") }
    }

    public func syncDirectory(_ path: String) throws {
        let descriptor = retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, "cannot be synced") }
    }

    public func space(at path: String) throws -> DiskSpace? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw failure(path, "its disk cannot be looked up") }
        let block = Int64(status.f_frsize)
        return DiskSpace(totalBytes: Int64(status.f_blocks) * block, freeBytes: Int64(status.f_bavail) * block)
    }

    public func lock(_ path: String) throws -> any FileLock {
        let descriptor = retrying { Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
        let file = POSIXFile(path: path, descriptor: descriptor)
        // flock belongs to the open file, so a second open in this process meets it as well, and the end of the
        // process, however it comes, gives it back.
        guard retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            guard errno == EWOULDBLOCK else { throw failure(path, "cannot be locked") }
            var text = [UInt8](repeating: 0, count: 20)
            let count = try text.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
            let owner = Int(String(decoding: text.prefix(count).prefix { $0 != 10 }, as: UTF8.self))
            throw JournalError(
                .locked, path: path,
                message: "is held by \(owner.map { "process \($0)" } ?? "another process"): stop that one first")
        }
        try file.truncate(to: 0)
        try Array("\(getpid())\n".utf8).withUnsafeBytes { try file.write($0, at: 0) }
        return POSIXLock(file: file)
    }
}

/// Closing the file is what gives the lock back.
private final class POSIXLock: FileLock {
    private let file: POSIXFile

    init(file: POSIXFile) { self.file = file }

    func release() { file.close() }
}

/// Repeats a call that a signal interrupted.
func retrying<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}

/// An error that tells what `errno` says.
func failure(_ path: String, _ what: String) -> JournalError {
    let number = errno
    let reason = String(cString: strerror(number))
    let advice =
        switch number {
        case ENOSPC, EDQUOT: ": make room on that disk"
        case EACCES, EPERM, EROFS: ": the user who runs Winback needs read and write access"
        case EMFILE, ENFILE: ": raise the limit of open files (ulimit -n)"
        case EIO: ": look into the disk and the kernel's log"
        default: ""
        }
    return JournalError(
        number == ENOENT ? .notFound : .inputOutput, path: path, message: "\(what): \(reason)\(advice)")
}
