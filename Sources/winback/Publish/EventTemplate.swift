import Configuration
import Foundation
import Terminal

/// Makes events of a table's records: structured CloudEvents of the default shape.
struct EventTemplate {
    private indirect enum Node {
        case object([(name: String, node: Node)])
        /// The column with this place.
        case cell(Int, ColumnMapping.Target)
        /// JSON.
        case constant(String)
        /// The number of the record's line, as a text.
        case line
    }

    /// The table's columns, by their places.
    let columns: [String]
    /// Columns of the table that become nothing.
    let unused: [String]
    private let root: Node
    private let columnOfPointer: [String: String]

    /// - Parameters:
    ///   - mapping: nil: each column says by its name what it is.
    ///   - file: the table, for messages and the events' `source`.
    init(header: [String], mapping: ColumnMapping?, file: String) throws {
        let columns = header.map { $0.trimmingCharacters(in: .whitespaces) }
        if let twice = Dictionary(grouping: columns, by: { $0 }).filter({ $1.count > 1 }).keys.sorted().first {
            throw CommandError(.data, "\(file):1: two columns are named `\(twice)`")
        }
        let targets: [(place: Int, target: ColumnMapping.Target)]
        var entries: [(path: [String], node: Node)] = []
        if let mapping {
            targets = try Self.targets(columns, mapping, file)
            entries = mapping.constants.map { ($0.path, .constant($0.json)) }
        } else {
            targets = try Self.targets(columns, file)
        }
        self.columns = columns
        let used = Set(targets.map(\.place))
        unused = columns.indices.filter { !used.contains($0) }.map { columns[$0] }
        entries += targets.map { ($0.target.path, .cell($0.place, $0.target)) }
        guard entries.contains(where: { $0.path == ["type"] }) else {
            throw CommandError(
                .data,
                "\(file):1: no column says what type its events have: name one `type`, or give a mapping with a constant "
                    + "`type` (--map)")
        }
        // What an event must have, where the table has it not: the same again when the table is published again.
        let name = URL(fileURLWithPath: file).lastPathComponent
        let defaults: [(path: [String], node: Node)] = [
            (["specversion"], .constant("\"1.0\"")), (["id"], .line),
            (["source"], .constant(JSONText.quoted("/csv/\(name)"))),
        ]
        for entry in defaults where !entries.contains(where: { $0.path == entry.path }) { entries.append(entry) }
        root = Self.tree(entries)
        columnOfPointer = Dictionary(
            targets.map { ("/" + $0.target.path.map(\.pointerToken).joined(separator: "/"), columns[$0.place]) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func targets(
        _ columns: [String], _ mapping: ColumnMapping, _ file: String
    ) throws -> [(place: Int, target: ColumnMapping.Target)] {
        try mapping.columns.map { column in
            guard let place = columns.firstIndex(of: column.name) else {
                throw CommandError(
                    .data,
                    "\(file):1: there is no column `\(column.name)`, which the mapping names; there are "
                        + columns.map { "`\($0)`" }.joined(separator: ", "))
            }
            return (place, column.target)
        }
    }

    private static func targets(
        _ columns: [String], _ file: String
    ) throws -> [(place: Int, target: ColumnMapping.Target)] {
        let targets = try columns.enumerated().map { place, name in
            guard let target = ColumnMapping.target(named: name) else {
                let known = ColumnMapping.knownNames.joined(separator: ", ")
                let isOne = columns.count == 1 && name.contains(where: { ";|\t".contains($0) })
                throw CommandError(
                    .data,
                    "\(file):1: the name of column `\(name)` does not tell what it is: known are \(known), and JSON "
                        + "pointers such as /data/level; or say it in a mapping (--map)"
                        + (isOne ? ", also what stands between two fields" : ""))
            }
            return (place: place, target: target)
        }
        for (index, a) in targets.enumerated() {
            if let b = targets[..<index].first(where: {
                $0.target.path.starts(with: a.target.path) || a.target.path.starts(with: $0.target.path)
            }) {
                throw CommandError(
                    .data,
                    "\(file):1: columns `\(columns[b.place])` and `\(columns[a.place])` both become "
                        + "/\(a.target.path.joined(separator: "/"))")
            }
        }
        return targets
    }

    private static func tree(_ entries: [(path: [String], node: Node)]) -> Node {
        var names: [String] = []
        for entry in entries where !names.contains(entry.path[0]) { names.append(entry.path[0]) }
        return .object(
            names.map { name in
                let inside = entries.filter { $0.path[0] == name }
                if let leaf = inside.first(where: { $0.path.count == 1 }) { return (name, leaf.node) }
                return (name, tree(inside.map { (Array($0.path.dropFirst()), $0.node) }))
            })
    }

    /// The event of a record. Empty fields are left out.
    ///
    /// - Throws: ``CommandError`` with the column and what it must be.
    func event(_ fields: [String], line: Int) throws(Fault) -> String {
        guard fields.count == columns.count else {
            throw Fault("it has \(fields.count) fields, and the table \(columns.count) columns")
        }
        return try text(root, fields, line) ?? "{}"
    }

    /// What is wrong with a record.
    struct Fault: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private func text(_ node: Node, _ fields: [String], _ line: Int) throws(Fault) -> String? {
        switch node {
        case .constant(let json): return json
        case .line: return "\"\(line)\""
        case .cell(let place, let target):
            guard !fields[place].isEmpty else { return nil }
            do {
                return try CellText.json(fields[place], target)
            } catch {
                throw Fault("column \(place + 1) `\(columns[place])` must be \(error.expectation)")
            }
        case .object(let members):
            var result = ""
            for member in members {
                guard let value = try text(member.node, fields, line) else { continue }
                result += result.isEmpty ? "{" : ","
                result += JSONText.quoted(member.name) + ":" + value
            }
            return result.isEmpty ? nil : result + "}"
        }
    }

    /// The column that lies at a place of the event, for messages.
    func column(at pointer: String) -> String? { columnOfPointer[pointer] }
}
