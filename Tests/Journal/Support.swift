import Foundation
import Testing

@testable import Journal

let disk = POSIXFileSystem()

/// A folder that is removed with the last reference.
final class Scratch {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/winback-journal-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var shard: String { path + "/shard" }

    /// Copies the shard, so that each case of a table begins with the same files.
    func copy() throws -> Scratch {
        let other = Scratch()
        try FileManager.default.copyItem(atPath: shard, toPath: other.shard)
        return other
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(shard)/\(name)")))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(shard)/\(name)"))
    }
}

/// Small, and a multiple of what the settings ask for: segments of four pages, frames of at most two.
let small = JournalSettings(segmentBytes: 16384, maximumFrameBytes: 8192)

/// As `small`, with frames of at most one page, and all in one thread: for a simulated disk.
let inOneThread: JournalSettings = {
    var settings = JournalSettings(segmentBytes: 16384, maximumFrameBytes: 4096)
    settings.background = { $0() }
    return settings
}()

func open(
    _ scratch: Scratch, settings: JournalSettings = small, committed: UInt64 = 0
) throws -> ShardJournal {
    try ShardJournal.open(
        directory: scratch.shard, fileSystem: disk, settings: settings, committedPosition: committed)
}

extension ShardJournal {
    /// Appends a frame with this body and these personal records; returns where the records lie.
    @discardableResult
    func append(_ text: String, personal: [String] = [], reserving bytes: Int? = nil) throws -> [UInt64] {
        try beginFrame(reserving: bytes)
        let positions = personal.map { record in
            Array(record.utf8).withUnsafeBytes { appendPersonal($0) }
        }
        Array(text.utf8).withUnsafeBytes { body.append($0) }
        _ = try appendFrame()
        return positions
    }

    func personalText(_ position: UInt64) throws -> String {
        try withPersonal(at: position) { String(decoding: $0, as: UTF8.self) }
    }
}

/// What a reader tells of a frame.
struct Seen: Equatable {
    var position: UInt64
    var body: String
    /// Nil stands for destroyed.
    var personal: [String?]
}

func readAll(
    _ scratch: Scratch, from position: UInt64 = JournalHead.start.position, hash: FrameHash? = nil,
    knownEnd: UInt64 = 0
) throws -> [Seen] {
    let reader = try JournalReader(directory: scratch.shard, fileSystem: disk, from: position, hash: hash)
    var seen: [Seen] = []
    while let frame = try reader.next(knownEnd: knownEnd) { seen.append(try look(at: frame)) }
    return seen
}

func look(at frame: Frame) throws -> Seen {
    var personal: [String?] = []
    try frame.forEachPersonal { record in
        personal.append(record.bytes.map { String(decoding: $0, as: UTF8.self) })
    }
    return Seen(position: frame.position, body: String(decoding: frame.body, as: UTF8.self), personal: personal)
}

/// The code of the error that `work` throws; nil if it throws none.
func code(_ work: () throws -> Void) -> JournalError.Code? {
    do {
        try work()
        return nil
    } catch let error as JournalError {
        return error.code
    } catch {
        Issue.record("another error: \(error)")
        return nil
    }
}
