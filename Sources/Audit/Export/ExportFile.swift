import Foundation
import Glibc

/// A file that has its name only when it is whole, and that nobody but its owner may read.
enum ExportFile {
    static func temporary(_ path: String) -> String { path + ".partial" }

    /// Makes an empty file; what an interrupted export left under the name is replaced.
    static func create(_ path: String) throws -> FileHandle {
        remove(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, "could not be made") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// For syncing what another library has written.
    static func reopen(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "could not be opened") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Gives a whole file its name. An older one of that name is replaced.
    static func publish(_ path: String) throws {
        guard rename(temporary(path), path) == 0 else { throw failure(path, "could not be put in its place") }
    }

    static func remove(_ path: String) { unlink(path) }

    /// Makes the folder where it is not there yet.
    static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ExportError(path: path, message: "the folder could not be made: \(error.localizedDescription)")
        }
    }

    private static func failure(_ path: String, _ what: String) -> ExportError {
        ExportError(path: path, message: "\(what): \(String(cString: strerror(errno)))")
    }
}
