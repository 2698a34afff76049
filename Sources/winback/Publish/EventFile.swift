import Configuration
import Journal
import Terminal

/// Events out of a file, one after the other.
protocol EventFile: AnyObject {
    /// The next event; nil after the last. Valid until the next call.
    func next() throws -> EventFileEntry?
    /// What has been read.
    var progress: FileProgress { get }
    /// What a pointer into an event is called in this file, where it has a name of its own.
    func name(at pointer: String) -> String?
}

enum EventFileEntry {
    case event(UnsafeRawBufferPointer, line: Int)
    case fault(String, line: Int)
}

/// How far a file has been read, and a digest of that part of it.
struct FileProgress: Equatable {
    var lines: Int
    var digest: FrameHash
}

/// A structured CloudEvent on each line.
final class EventLines: EventFile {
    private var lines: LineReader

    init(path: String) throws { lines = try LineReader.open(path) }

    func next() throws -> EventFileEntry? {
        while let line = try lines.next() {
            guard !line.allSatisfy({ $0 == 32 || $0 == 9 }) else { continue }
            return .event(line, line: lines.lineNumber)
        }
        return nil
    }

    var progress: FileProgress { FileProgress(lines: lines.lineNumber, digest: lines.digest) }

    func name(at pointer: String) -> String? { nil }
}

/// A table in CSV with a header: each record becomes an event.
final class EventTable: EventFile {
    private var records: CSVReader
    private let template: EventTemplate
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)

    init(path: String, mapping: ColumnMapping?) throws {
        records = CSVReader(
            try LineReader.open(path), separator: mapping?.separator ?? ColumnMapping.usualSeparator)
        let name = records.lines.name
        switch try records.next() {
        case .fields(let header): template = try EventTemplate(header: header, mapping: mapping, file: name)
        case .fault(let reason): throw CommandError(.data, "\(name): the header is none: \(reason)")
        case nil: throw CommandError(.data, "\(name) is empty: its first line must name the columns")
        }
        if !template.unused.isEmpty {
            Screen.errors.line(
                "\(name): columns that the mapping does not name are left out: \(template.unused.joined(separator: ", "))"
            )
        }
    }

    deinit { buffer.deallocate() }

    func next() throws -> EventFileEntry? {
        switch try records.next() {
        case nil: return nil
        case .fault(let reason): return .fault(reason, line: records.lineNumber)
        case .fields(let fields):
            do throws(EventTemplate.Fault) {
                return .event(keep(try template.event(fields, line: records.lineNumber)), line: records.lineNumber)
            } catch {
                return .fault(error.description, line: records.lineNumber)
            }
        }
    }

    private func keep(_ event: String) -> UnsafeRawBufferPointer {
        let bytes = Array(event.utf8)
        if buffer.count < bytes.count {
            buffer.deallocate()
            buffer = .allocate(byteCount: 2 * bytes.count, alignment: 1)
        }
        buffer.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count])
    }

    var progress: FileProgress { FileProgress(lines: records.lines.lineNumber, digest: records.lines.digest) }

    func name(at pointer: String) -> String? { template.column(at: pointer).map { "column `\($0)`" } }
}
