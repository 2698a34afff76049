import Terminal

/// Reads a table in CSV (RFC 4180, UTF-8), a record at a time, without ever holding more than one.
struct CSVReader: ~Copyable {
    enum Record: Equatable {
        case fields([String])
        /// Why it is none, and in which column of its last line.
        case fault(String)
    }

    private(set) var lines: LineReader
    private let separator: UInt8
    /// Where the record that was read last begins; from 1.
    private(set) var lineNumber = 0

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(_ lines: consuming LineReader, separator: UInt8) {
        self.lines = lines
        self.separator = separator
    }

    /// The next record; nil after the last. Empty lines are none.
    mutating func next() throws -> Record? {
        var record = CSVRecord(separator: separator)
        var isOpen = false
        while let line = try lines.next() {
            var line = line
            if lines.lineNumber == 1, line.starts(with: Self.byteOrderMark) {
                line = UnsafeRawBufferPointer(rebasing: line.dropFirst(Self.byteOrderMark.count))
            }
            if !isOpen {
                guard !line.isEmpty else { continue }
                lineNumber = lines.lineNumber
            }
            switch record.feed(line, lineEnd: lines.hadCarriageReturn ? "\r\n" : "\n") {
            case .whole(let fields): return Self.decoded(fields)
            case .fault(let fault):
                return .fault("line \(lines.lineNumber), byte \(fault.column): \(fault.message)")
            case .open: isOpen = true
            }
            guard record.byteCount <= LineReader.longestLine else { throw unclosed() }
        }
        guard isOpen else { return nil }
        throw unclosed()
    }

    /// All that follows was taken for a part of one field, so nothing that is left can be trusted.
    private func unclosed() -> CommandError {
        CommandError(
            .data,
            "\(lines.name):\(lineNumber): a quote is opened in this record and not closed within "
                + "\(NumberText.bytes(Int64(LineReader.longestLine))), or never: double quotes inside of a field")
    }

    private static func decoded(_ fields: [[UInt8]]) -> Record {
        var texts: [String] = []
        texts.reserveCapacity(fields.count)
        for (index, field) in fields.enumerated() {
            guard let text = String(validating: field, as: UTF8.self) else {
                return .fault("column \(index + 1) is not UTF-8: save the table as UTF-8")
            }
            texts.append(text)
        }
        return .fields(texts)
    }
}
