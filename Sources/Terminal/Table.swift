/// Rows for people and programs: the same cells aligned on a terminal, or as TSV, CSV or JSON.
///
/// Rows are written as they come. Only an aligned table holds some back, to learn how wide its columns are.
public struct Table {
    public enum Format: String, Sendable, CaseIterable {
        case aligned
        /// A header line, then a line for each row; tab, newline, return and backslash as `\t`, `\n`, `\r` and `\\`.
        case tsv
        /// RFC 4180's quoting, with a header line; lines end in a newline alone.
        case csv
        /// An array of objects, one on a line.
        case json

        /// What fits the screen, unless the command line says otherwise.
        public static func fitting(_ screen: Screen, json: Bool = false, csv: Bool = false) throws -> Format {
            if json && csv { throw UsageError(.conflict, "--json and --csv cannot both be given") }
            return json ? .json : csv ? .csv : screen.isTerminal ? .aligned : .tsv
        }
    }

    public struct Column: Sendable {
        /// The name for programs: the key in JSON, the header in CSV and TSV.
        public let key: String
        /// The header for people.
        public let title: String

        public init(_ key: String, _ title: String? = nil) {
            self.key = key
            self.title = title ?? key.prefix(1).uppercased() + key.dropFirst().replacing("_", with: " ")
        }
    }

    /// An aligned table takes its widths from this many rows; wider cells after them are cut.
    public static let alignedRows = 1000
    /// A column of text is not cut to less than this.
    static let narrowestColumn = 10
    private static let gap = 2

    public let columns: [Column]
    public let format: Format
    public private(set) var rowCount = 0
    private let screen: Screen
    private let now: Int64
    private var heldBack: [[Cell]] = []
    private var widths: [Int]?
    private var alignsRight: [Bool] = []

    /// - Parameter now: what relative times are measured from, in milliseconds since 1970.
    public init(_ columns: [Column], format: Format, now: Int64, screen: Screen = .output) {
        precondition(!columns.isEmpty, "a table has columns")
        self.columns = columns
        self.format = format
        self.screen = screen
        self.now = now
        switch format {
        case .tsv: screen.line(columns.map { Table.escapedTSV($0.key) }.joined(separator: "\t"))
        case .csv: screen.line(columns.map { Table.quotedCSV($0.key) }.joined(separator: ","))
        case .aligned, .json: break
        }
    }

    public mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "\(row.count) cells for \(columns.count) columns")
        switch format {
        case .tsv: screen.line(row.map { Table.escapedTSV($0.plain) }.joined(separator: "\t"))
        case .csv: screen.line(row.map { Table.quotedCSV($0.plain) }.joined(separator: ","))
        case .json:
            let members = zip(columns, row).map { "\(JSONText.quoted($0.key)):\($1.json)" }
            screen.write((rowCount == 0 ? "[\n{" : ",\n{") + members.joined(separator: ",") + "}")
        case .aligned:
            if widths != nil {
                writeAligned(row)
            } else {
                heldBack.append(row)
                if heldBack.count == Table.alignedRows { writeHeldBack() }
            }
        }
        rowCount += 1
    }

    /// Writes what is still held back. To be called once, after the last row.
    public mutating func finish() {
        switch format {
        case .tsv, .csv: break
        case .json: screen.line(rowCount == 0 ? "[]" : "\n]")
        case .aligned: if widths == nil { writeHeldBack() }
        }
    }

    private mutating func writeHeldBack() {
        let texts = heldBack.map { row in row.map { TextWidth.of($0.readable(now: now)) } }
        var widths = columns.indices.map { column in
            texts.reduce(TextWidth.of(columns[column].title)) { max($0, $1[column]) }
        }
        alignsRight = columns.indices.map { column in
            let values = heldBack.map { $0[column] }.filter { $0.value != .none }
            return !values.isEmpty && values.allSatisfy(\.isNumeric)
        }
        shrink(&widths)
        self.widths = widths
        let header = columns.indices.map { (columns[$0].title, Style.bold as Style?) }
        writeLine(header)
        heldBack.forEach(writeAligned)
        heldBack = []
    }

    /// Takes cells from the widest columns of text until the table fits.
    private func shrink(_ widths: inout [Int]) {
        let hasText = columns.indices.filter { column in
            heldBack.contains { row in if case .text = row[column].value { true } else { false } }
        }
        var excess = widths.reduce(0, +) + Table.gap * (columns.count - 1) - screen.width
        while excess > 0, let widest = hasText.max(by: { widths[$0] < widths[$1] }),
            widths[widest] > Table.narrowestColumn
        {
            widths[widest] -= 1
            excess -= 1
        }
    }

    private func writeAligned(_ row: [Cell]) {
        writeLine(row.map { ($0.readable(now: now), $0.style) })
    }

    private func writeLine(_ cells: [(text: String, style: Style?)]) {
        guard let widths else { preconditionFailure("the widths are known before a line is written") }
        var line = ""
        for (column, cell) in cells.enumerated() {
            // Only a cell that came after the widths were set, or in a shrunk column, is too wide; a number is never cut.
            let text =
                alignsRight[column] ? cell.text : TextWidth.truncated(cell.text, to: widths[column])
            let padding = String(repeating: " ", count: max(0, widths[column] - TextWidth.of(text)))
            let styled = screen.styled(text, cell.style)
            let isLast = column == cells.count - 1
            line += alignsRight[column] ? padding + styled : styled + (isLast ? "" : padding)
            if !isLast { line += String(repeating: " ", count: Table.gap) }
        }
        screen.line(line)
    }

    private static func escapedTSV(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 9 || $0 == 10 || $0 == 13 || $0 == 92 }) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\\": result += "\\\\"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func quotedCSV(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 34 || $0 == 44 || $0 == 10 || $0 == 13 }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
