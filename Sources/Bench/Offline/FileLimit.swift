import Audit
import Configuration
import Contract
import Engine
import Journal

/// What from a file to a journal nobody can leave out who keeps its promises: every event is read, and every byte of the
/// journal is digested and written. Each alone, by the same libraries.
///
/// What an engine does beside it (keyed hashes, the table, decisions, records) is not in it.
struct FileLimit {
    /// In seconds.
    let reading: Double
    let digesting: Double
    let writing: Double

    /// What a tenth of a second brings at a million events a second.
    private static let bytesPerSync = 16 << 20

    var seconds: Double { reading + digesting + writing }

    /// - Parameters:
    ///   - file: events, one a line, and how many there are.
    ///   - data: the data directory that they have been folded into.
    ///   - folder: where to write to.
    init(of file: String, events: Int, data: String, folder: String) throws {
        let source = try AuditSource(path: data, fileSystem: POSIXFileSystem())
        let bytes = Int(try ShardHead.read(source, partition: 0).end)
        reading = try Self.read(file, data: data)
        digesting = Self.digest(bytes, pieces: events)
        writing = try Self.write(bytes, in: folder)
    }

    private static func read(_ file: String, data: String) throws -> Double {
        let configuration = try BenchTraffic.configuration(data: data)
        let topic = try TopicDecoder(
            configuration.events.of(configuration.topics.events[0]), identity: configuration.identity,
            pointers: Array(Set(configuration.policies.flatMap(\.command.pointers))))
        let bytes = try MappedFile(file)
        let headers = UnsafeBufferPointer<HeaderView>(start: nil, count: 0)
        let watch = Stopwatch()
        try bytes.forEachLine { line in
            guard case .event = topic.decoder.decode(value: line, headers: headers, messageTimestamp: .max) else {
                throw BenchError("an event of the traffic can't be read")
            }
        }
        return watch.seconds
    }

    /// Digests so many bytes, as many at a time as an event adds to the journal: each personal record has its own digest.
    private static func digest(_ bytes: Int, pieces: Int) -> Double {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes / pieces), alignment: 64)
        defer { piece.deallocate() }
        piece.initializeMemory(as: UInt8.self, repeating: 0x5A)
        let sha = SHA256()
        let watch = Stopwatch()
        for _ in 0..<pieces {
            // Each digest goes into the next piece, so that none can be left out.
            let digest = sha.digest(UnsafeRawBufferPointer(piece))
            withUnsafeBytes(of: digest) { piece[0] = $0[0] }
        }
        return watch.seconds
    }

    /// Writes so many bytes to a file that is there, and syncs as often as the engine does.
    private static func write(_ bytes: Int, in folder: String) throws -> Double {
        let file = try BareFile("\(folder)/bare", bytes: bytes)
        let watch = Stopwatch()
        var left = bytes
        while left > 0 {
            try file.write(min(left, bytesPerSync))
            try file.sync()
            left -= bytesPerSync
        }
        return watch.seconds
    }
}
