import Foundation
import Terminal

/// A file for each table, in newline-delimited JSON or CSV.
final class TextExport: ExportSink {
    enum Format { case ndjson, csv }

    private final class File {
        let table: ExportTable
        let path: String
        let handle: FileHandle
        var buffer: [UInt8] = []

        init(_ table: ExportTable, _ path: String, _ handle: FileHandle) {
            self.table = table
            self.path = path
            self.handle = handle
        }
    }

    private let format: Format
    private var files: [File] = []

    /// Rows are collected up to this before they are written.
    private static let bufferBytes = 1 << 20

    init(_ tables: [ExportTable], folder: String, format: Format) throws {
        self.format = format
        for table in tables {
            let path = "\(folder)/\(table.plural).\(format == .csv ? "csv" : "ndjson")"
            let handle = try ExportFile.create(ExportFile.temporary(path))
            let file = File(table, path, handle)
            if format == .csv { file.buffer += Array((table.columns.map(\.name).joined(separator: ",") + "\n").utf8) }
            files.append(file)
        }
    }

    func append(_ row: [ExportValue], to table: Int) throws {
        let file = files[table]
        switch format {
        case .csv:
            for (index, value) in row.enumerated() {
                if index > 0 { file.buffer.append(UInt8(ascii: ",")) }
                file.buffer += Self.csv(value).utf8
            }
        case .ndjson:
            var isFirst = true
            for (column, value) in zip(file.table.columns, row) {
                guard let text = Self.json(value) else { continue }
                file.buffer += (isFirst ? "{\"" : ",\"").utf8
                file.buffer += column.name.utf8
                file.buffer += "\":".utf8
                file.buffer += text.utf8
                isFirst = false
            }
            file.buffer += (isFirst ? "{}" : "}").utf8
        }
        file.buffer.append(UInt8(ascii: "\n"))
        if file.buffer.count >= Self.bufferBytes { try flush(file) }
    }

    func finish() throws -> [String] {
        for file in files {
            try flush(file)
            do {
                try file.handle.synchronize()
                try file.handle.close()
            } catch {
                throw ExportError(path: file.path, message: "could not be written: \(error.localizedDescription)")
            }
        }
        for file in files { try ExportFile.publish(file.path) }
        return files.map(\.path)
    }

    func abandon() {
        for file in files {
            try? file.handle.close()
            ExportFile.remove(ExportFile.temporary(file.path))
        }
    }

    private func flush(_ file: File) throws {
        do {
            try file.handle.write(contentsOf: file.buffer)
        } catch {
            throw ExportError(path: file.path, message: "could not be written: \(error.localizedDescription)")
        }
        file.buffer.removeAll(keepingCapacity: true)
    }

    private static func plain(_ value: ExportValue) -> String {
        switch value {
        case .none: ""
        case .number(let number): String(number)
        case .text(let text): text
        case .time(let time): time.iso
        case .key(let high, let low): Words.hexadecimal(high, low)
        case .boolean(let value): value ? "true" : "false"
        }
    }

    private static func csv(_ value: ExportValue) -> String {
        let text = plain(value)
        guard case .text = value, text.utf8.contains(where: { $0 == 34 || $0 == 44 || $0 == 10 || $0 == 13 }) else {
            return text
        }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    private static func json(_ value: ExportValue) -> String? {
        switch value {
        case .none: nil
        case .number, .boolean: plain(value)
        case .text, .time, .key: JSONText.quoted(plain(value))
        }
    }
}
