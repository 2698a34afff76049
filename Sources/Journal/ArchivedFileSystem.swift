import Synchronization

/// A data directory together with archives of its older segments, for reading: each shard's folder shows the archived ones
/// beside those in place, as if they had never been moved.
///
/// Of an archive, what does not reach the segments in place without a gap stays hidden: a reader would take the gap for damage.
public final class ArchivedFileSystem: FileSystem {
    private let base: any FileSystem
    private let shards: String
    private let archives: [String]
    /// By shard folder, once it was looked at: the archived files by their names.
    private let found = Mutex<[String: [String: String]]>([:])

    /// - Parameters:
    ///   - data: the data directory's path, as it is asked for later.
    ///   - archives: folders that segments were moved to, in any order.
    public init(_ base: any FileSystem, data: String, archives: [String]) {
        self.base = base
        self.archives = archives
        shards = "\(data)/shards/"
    }

    public func open(_ path: String, _ mode: OpenMode) throws -> any File {
        switch mode {
        case .read, .lookUp: return try base.open(try archived(path) ?? path, mode)
        case .write, .create: throw readOnly(path)
        }
    }

    public func list(_ directory: String) throws -> [String] {
        let names = try base.list(directory)
        guard isShard(directory) else { return names }
        return try names + files(of: directory).keys.filter { !names.contains($0) }.sorted()
    }

    public func exists(_ path: String) throws -> Bool { try archived(path) != nil || base.exists(path) }
    public func space(at path: String) throws -> DiskSpace? { try base.space(at: path) }

    public func remove(_ path: String) throws { throw readOnly(path) }
    public func rename(_ from: String, to: String) throws { throw readOnly(from) }
    public func makeDirectory(_ path: String, permissions: UInt32) throws { throw readOnly(path) }
    public func syncDirectory(_ path: String) throws { throw readOnly(path) }
    public func lock(_ path: String) throws -> any FileLock { throw readOnly(path) }

    /// Whether a file of a shard's folder comes from an archive.
    public func isArchived(_ path: String) throws -> Bool { try archived(path) != nil }

    private func isShard(_ directory: String) -> Bool {
        directory.hasPrefix(shards) && Int32(directory.dropFirst(shards.count)) != nil
    }

    private func archived(_ path: String) throws -> String? {
        guard let slash = path.lastIndex(of: "/"), isShard(String(path[..<slash])) else { return nil }
        return try files(of: String(path[..<slash]))[String(path[path.index(after: slash)...])]
    }

    private func files(of directory: String) throws -> [String: String] {
        if let known = found.withLock({ $0[directory] }) { return known }
        let files = try find(directory)
        found.withLock { $0[directory] = files }
        return files
    }

    private func find(_ directory: String) throws -> [String: String] {
        guard try base.exists(directory), var next = try SegmentName.list(directory, base).first else { return [:] }
        var folders: [UInt64: String] = [:]
        for archive in archives {
            let folder = "\(archive)/\(directory.dropFirst(shards.count))"
            guard try base.exists(folder) else { continue }
            for first in try SegmentName.list(folder, base) where folders[first] == nil { folders[first] = folder }
        }
        var files: [String: String] = [:]
        // From the segments in place back, as long as one ends where the next begins.
        for (first, folder) in folders.sorted(by: { $0.key > $1.key }) where first < next {
            let path = "\(folder)/\(SegmentName.of(first))"
            guard first + (try size(path)) == next else { break }
            files[SegmentName.of(first)] = path
            let index = "\(folder)/\(SegmentIndexFile.name(first))"
            if try base.exists(index) { files[SegmentIndexFile.name(first)] = index }
            next = first
        }
        return files
    }

    private func size(_ path: String) throws -> UInt64 {
        let file = try base.open(path, .read)
        defer { file.close() }
        return try file.size()
    }

    private func readOnly(_ path: String) -> JournalError {
        JournalError(.inputOutput, path: path, message: "nothing is written where archives are read, too")
    }
}
