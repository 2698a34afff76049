/// The folder that holds everything an instance keeps: one journal for each shard, and what names and keys it.
///
/// ```
/// format      "winback data 1\n": an older program refuses a higher number
/// lock        held by the one process that writes
/// key         32 random bytes that key the hashes of identities; made once
/// key.check   the key's CRC-32C, 8 hexadecimal digits: under a key with a wrong bit nobody would be found again
/// instance    the instance's name, drawn once
/// group       the consumer group whose offsets the journals stand for
/// topics      the event topics, a line each; a shard's records name them by their place in this list
/// rebuild     while `winback recover` rebuilds journals: their shards, a line each
/// shards/<n>  see ``ShardJournal``
/// shards.before-<time>/<n>  journals that a rebuild has set aside
/// ```
public final class DataDirectory: Sendable {
    public let path: String
    /// The disk it lies on.
    public let fileSystem: any FileSystem
    /// 32 secret bytes, the same for the directory's whole life.
    public let key: [UInt8]
    /// The default for the configuration's `instance`.
    public let instance: String
    /// Nil for a reader.
    private let lock: (any FileLock)?

    static let format = 1
    private static let formatPrefix = "winback data "
    static let keyBytes = 32
    static let keyCheckName = "key.check"
    private static let instanceBytesLimit = 255
    private static let groupBytesLimit = 4096
    private static let topicsBytesLimit = 64 << 10
    /// What makes a folder this instance's, in the order in which a copy gets it: `format` makes it complete.
    static let identityFiles = ["key", keyCheckName, "instance", "group", "topics", "format"]
    /// What a first start that was interrupted may have left.
    private static let ownNames: Set<String> = [
        "format.new", "lock", "key", "key.new", keyCheckName, keyCheckName + ".new", "instance", "instance.new",
        "shards",
    ]

    /// Opens the folder for writing, or makes it (its parent has to exist).
    ///
    /// Throws `.locked` while another process has it, `.notOurs` if it holds something else, `.newerFormat`, `.keyLost`.
    public static func open(
        _ path: String, fileSystem: any FileSystem, random: RandomSource = .system
    ) throws -> DataDirectory {
        if try !fileSystem.exists(path) { try fileSystem.makeDirectory(path, permissions: 0o700) }
        // Before the lock makes a file: a folder of someone else's stays as it is.
        let isNew = try readFormat(path, fileSystem) == nil
        let lock: any FileLock
        do {
            lock = try fileSystem.lock("\(path)/lock")
        } catch let error as JournalError where error.code == .locked {
            throw JournalError(
                .locked, path: path,
                message: "is in use: its lock \(error.message), or give this one another data directory")
        }
        do {
            if isNew { try create(path, fileSystem, random) }
            // Where somebody has removed it, what is missing shows in the comparison with the committed offsets.
            if try !fileSystem.exists("\(path)/shards") {
                try fileSystem.makeDirectory("\(path)/shards", permissions: 0o700)
            }
            let directory = try DataDirectory(path, fileSystem, lock: lock)
            try directory.writeKeyCheck()
            return directory
        } catch {
            lock.release()
            throw error
        }
    }

    /// Opens the folder for reading, beside the process that writes it. Changes nothing.
    public static func openForReading(_ path: String, fileSystem: any FileSystem) throws -> DataDirectory {
        guard try fileSystem.exists(path), try readFormat(path, fileSystem) != nil else {
            throw JournalError(
                .notFound, path: path, message: "there is no data directory: name the one of the running instance")
        }
        return try DataDirectory(path, fileSystem, lock: nil)
    }

    private init(_ path: String, _ fileSystem: any FileSystem, lock: (any FileLock)?) throws {
        self.path = path
        self.fileSystem = fileSystem
        self.lock = lock
        key = try Self.readKey(path, fileSystem)
        instance = try Self.readInstance(path, fileSystem)
    }

    /// Where a shard's journal lies.
    public func shardPath(_ shard: Int32) -> String { "\(path)/shards/\(shard)" }

    /// The shards that have a folder, ascending.
    public func shards() throws -> [Int32] { try fileSystem.list("\(path)/shards").compactMap { Int32($0) }.sorted() }

    /// The consumer group that the directory was last used with; nil before the first.
    public func group() throws -> String? {
        let bytes = try fileSystem.readSmallFile("\(path)/group", limit: Self.groupBytesLimit)
        return bytes.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) }
    }

    /// Keeps the group's name, durably.
    public func setGroup(_ name: String) throws {
        try Array((name + "\n").utf8).withUnsafeBytes { try fileSystem.writeAtomically($0, to: "group", in: path) }
    }

    /// The event topics that the directory was last used with, in their order; nil before the first.
    public func eventTopics() throws -> [String]? {
        let bytes = try fileSystem.readSmallFile("\(path)/topics", limit: Self.topicsBytesLimit)
        return bytes.map { $0.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) } }
    }

    /// Keeps the event topics' names, durably.
    public func setEventTopics(_ names: [String]) throws {
        try Array(names.map { $0 + "\n" }.joined().utf8).withUnsafeBytes {
            try fileSystem.writeAtomically($0, to: "topics", in: path)
        }
    }

    /// The shards whose journals a recovery has begun to rebuild and has not finished; empty where there was none.
    public func rebuilding() throws -> [Int32] {
        let bytes = try fileSystem.readSmallFile("\(path)/\(Self.rebuildName)", limit: Self.topicsBytesLimit) ?? []
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }

    /// Notes durably that these journals are about to be rebuilt, until `endRebuild`.
    public func beginRebuild(of shards: [Int32]) throws {
        try Array(shards.map { "\($0)\n" }.joined().utf8).withUnsafeBytes {
            try fileSystem.writeAtomically($0, to: Self.rebuildName, in: path)
        }
    }

    public func endRebuild() throws {
        guard try fileSystem.exists("\(path)/\(Self.rebuildName)") else { return }
        try fileSystem.remove("\(path)/\(Self.rebuildName)")
        try fileSystem.syncDirectory(path)
    }

    /// Moves the folders of shards, where they are, into a folder of this name beside the others; nothing is deleted.
    public func setAside(_ shards: [Int32], as name: String) throws {
        let folder = "\(path)/\(name)"
        for shard in shards where try fileSystem.exists(shardPath(shard)) {
            if try !fileSystem.exists(folder) { try fileSystem.makeDirectory(folder, permissions: 0o700) }
            try fileSystem.rename(shardPath(shard), to: "\(folder)/\(shard)")
        }
        if try fileSystem.exists(folder) { try fileSystem.syncDirectory(folder) }
        try fileSystem.syncDirectory("\(path)/shards")
        try fileSystem.syncDirectory(path)
    }

    /// How a folder is named that shards were moved to at a time, in milliseconds since 1970.
    public static func asideName(_ milliseconds: Int64) -> String { "\(asidePrefix)\(milliseconds)" }

    /// The folders of shards that were set aside, the newest first.
    public func shardsAside() throws -> [String] {
        let folders = try fileSystem.list(path).filter { $0.hasPrefix(Self.asidePrefix) }.sorted(by: >)
        return try folders.flatMap { folder in
            try fileSystem.list("\(path)/\(folder)").map { "\(path)/\(folder)/\($0)" }
        }
    }

    private static let asidePrefix = "shards.before-"
    private static let rebuildName = "rebuild"

    /// Gives the lock back; the object is of no use for writing afterwards.
    public func close() { lock?.release() }

    /// The version in `format`; nil if the folder is empty, or a first start was interrupted before it was complete.
    private static func readFormat(_ path: String, _ fileSystem: any FileSystem) throws -> Int? {
        let file = "\(path)/format"
        guard let bytes = try fileSystem.readSmallFile(file, limit: 64) else {
            let names = Set(try fileSystem.list(path))
            let shards = names.contains("shards") ? try fileSystem.list("\(path)/shards") : []
            // A mount point may bring a folder of the file system's own.
            guard names.subtracting(["lost+found"]).isSubset(of: ownNames), shards.isEmpty else {
                throw JournalError(
                    .notOurs, path: path,
                    message: "is not empty and has no file named format: name an empty folder or one of Winback's")
            }
            return nil
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix(formatPrefix), let version = Int(text.dropFirst(formatPrefix.count).prefix { $0 != "\n" })
        else {
            throw JournalError(
                .notOurs, path: file, message: "does not say \"\(formatPrefix)\(format)\": restore it from a backup")
        }
        guard version <= format else {
            throw JournalError(
                .newerFormat, path: path,
                message: "has format \(version), this program knows \(format): start a newer version of Winback")
        }
        return version
    }

    /// `format` comes last: until it is there, a start begins again where the last one was interrupted.
    private static func create(_ path: String, _ fileSystem: any FileSystem, _ random: RandomSource) throws {
        if try !fileSystem.exists("\(path)/key") {
            try random.bytes(keyBytes).withUnsafeBytes { try fileSystem.writeAtomically($0, to: "key", in: path) }
        }
        if try !fileSystem.exists("\(path)/instance") {
            let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")
            let name = "winback-" + String(try random.bytes(8).map { digits[Int($0 & 31)] })
            try Array((name + "\n").utf8).withUnsafeBytes {
                try fileSystem.writeAtomically($0, to: "instance", in: path)
            }
        }
        if try !fileSystem.exists("\(path)/shards") {
            try fileSystem.makeDirectory("\(path)/shards", permissions: 0o700)
        }
        try Array("\(formatPrefix)\(format)\n".utf8).withUnsafeBytes {
            try fileSystem.writeAtomically($0, to: "format", in: path)
        }
    }

    private static func readKey(_ path: String, _ fileSystem: any FileSystem) throws -> [UInt8] {
        let key = try fileSystem.readSmallFile("\(path)/key", limit: keyBytes)
        guard let key, key.count == keyBytes else {
            throw JournalError(
                .keyLost, path: "\(path)/key",
                message: """
                    the key of \(keyBytes) bytes is \(key == nil ? "missing" : "incomplete"). Every prospect, and every \
                    suppression that outlives its data, is known by a hash under that key and can't be found without: \
                    restore the file from a backup
                    """)
        }
        if let check = try fileSystem.readSmallFile("\(path)/\(keyCheckName)", limit: 64), check != keyCheck(of: key) {
            throw JournalError(
                .keyLost, path: "\(path)/key",
                message: """
                    the key of \(keyBytes) bytes is damaged, or \(keyCheckName) is of another one. Every prospect is known by \
                    a hash under that key and can't be found with another: restore both files from a backup
                    """)
        }
        return key
    }

    private static func keyCheck(of key: [UInt8]) -> [UInt8] {
        let digits = String(key.withUnsafeBytes { crc32c($0) }, radix: 16)
        return Array((String(repeating: "0", count: 8 - digits.count) + digits + "\n").utf8)
    }

    /// Of a new key, or of one that an older version has made.
    private func writeKeyCheck() throws {
        guard try !fileSystem.exists("\(path)/\(Self.keyCheckName)") else { return }
        try Self.keyCheck(of: key).withUnsafeBytes {
            try fileSystem.writeAtomically($0, to: Self.keyCheckName, in: path)
        }
    }

    private static func readInstance(_ path: String, _ fileSystem: any FileSystem) throws -> String {
        let bytes = try fileSystem.readSmallFile("\(path)/instance", limit: instanceBytesLimit) ?? []
        let name = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\n" }
        guard !name.isEmpty else {
            throw JournalError(
                .notFound, path: "\(path)/instance",
                message: """
                    the instance's name is missing: write the name that the consumer group knows it by \
                    (group.instance.id without the worker's number) into this file
                    """)
        }
        return String(name)
    }
}
