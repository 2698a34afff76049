import Foundation

/// A disk of its own, so small that it can be filled: a tmpfs, which takes root to mount.
public final class SmallDisk: Sendable {
    public let folder: URL

    /// Whether one can be mounted here.
    public static let isAvailable: Bool = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winback-mount-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let disk = try? SmallDisk(at: folder, mebibytes: 1) else { return false }
        disk.unmount()
        return true
    }()

    public init(at folder: URL, mebibytes: Int) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let options = "size=\(mebibytes)m,mode=0700"
        guard try Self.run("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder.path]) else {
            throw TimedOut(description: "no disk can be mounted on \(folder.path): that takes root")
        }
    }

    /// Also while files on it are open.
    public func unmount() { _ = try? Self.run("/bin/umount", ["-l", folder.path]) }

    /// Takes so much of its room.
    public func fill(mebibytes: Int) throws {
        try Data(repeating: 1, count: mebibytes << 20)
            .write(to: folder.appendingPathComponent("filler-\(UUID().uuidString)"))
    }

    /// Leaves so much room, or none at all.
    public func fill(leavingMebibytes left: Int) throws {
        let free = try Self.freeBytes(folder)
        let bytes = max(0, free - (left << 20))
        let file = folder.appendingPathComponent("filler-\(UUID().uuidString)").path
        // What there is no room for is left out, and that is the purpose.
        _ = try Self.run(
            "/usr/bin/head", ["-c", String(left == 0 ? bytes + (1 << 20) : bytes), "/dev/zero"], output: file)
    }

    /// Gives back what `fill` has taken.
    public func empty() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("filler-") {
            try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }

    private static func freeBytes(_ folder: URL) throws -> Int {
        var about = statvfs()
        guard statvfs(folder.path, &about) == 0 else {
            throw TimedOut(description: "the room of \(folder.path) is not known: errno \(errno)")
        }
        return Int(about.f_bavail) * Int(about.f_frsize)
    }

    private static func run(_ path: String, _ arguments: [String], output: String = "/dev/null") throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if output != "/dev/null" { try Data().write(to: URL(fileURLWithPath: output)) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
