/// Reads a file that says what becomes of a table's columns.
///
/// ```yaml
/// separator: ";"                        # , by default; tab is "\t"
/// columns:
///   Kunde: prospect                     # a part of an event by its name, or a JSON pointer
///   E-Mail: email
///   Erstellt: {to: time, as: time, zone: "+02:00"}
///   Status: {to: type, values: {offen: checkout.started, bezahlt: checkout.completed}}
///   Stufe: {to: /data/level, as: number}
/// constants:
///   source: /crm/export
///   tenant: kasko
/// ```
struct ColumnMappingReader {
    private static let maximumColumns = 1_000
    private static let maximumValues = 1_000

    let findings: Findings

    func read(_ value: Value) -> ColumnMapping? {
        guard let section = Section(value, keys: ["separator", "columns", "constants"]) else { return nil }
        var mapping = ColumnMapping()
        if let separator = section["separator"] { mapping.separator = self.separator(separator) ?? mapping.separator }
        let columns = section.required("columns", "say what becomes of the columns").map(entries) ?? []
        for (name, value) in columns {
            guard let target = target(value) else { continue }
            mapping.columns.append(ColumnMapping.Column(name: name, target: target))
        }
        if let constants = section["constants"] {
            for (name, value) in entries(constants) {
                guard let path = path(name, value), let json = JSONValue(value.node, findings).fragment else {
                    continue
                }
                mapping.constants.append(ColumnMapping.Constant(path: path, json: json))
            }
        }
        requireThatTheyDiffer(mapping, section)
        return mapping
    }

    private func entries(_ value: Value) -> [(name: String, value: Value)] {
        guard case .mapping(let entries) = value.node.content else {
            value.mistake(.invalidValue, "`\(value.name)` must be a mapping (`name: target`), not \(value.node.kind)")
            return []
        }
        guard entries.count <= Self.maximumColumns else {
            value.mistake(.tooMany, "`\(value.name)` has more than \(Self.maximumColumns) entries")
            return []
        }
        return entries.map {
            ($0.key, Value(node: $0.value, path: "\(value.path).\($0.key)", findings: findings))
        }
    }

    private func separator(_ value: Value) -> UInt8? {
        // A tab is a control character, so the value is not read as a text.
        guard case .scalar(let scalar) = value.node.content, [",", ";", "|", "\t"].contains(scalar.text) else {
            value.mistake(.invalidValue, "`separator` must be \",\", \";\", \"|\" or \"\\t\"")
            return nil
        }
        return scalar.text.utf8.first
    }

    private func target(_ value: Value) -> ColumnMapping.Target? {
        guard case .mapping = value.node.content else {
            return value.text("a part of an event", maximumBytes: Limits.textBytes).flatMap { target(named: $0, value) }
        }
        guard let section = Section(value, keys: ["to", "as", "values", "zone"]),
            let to = section.required("to", "say what it becomes, such as `email` or `/data/level`"),
            let name = to.text("a part of an event", maximumBytes: Limits.textBytes),
            var target = target(named: name, to)
        else { return nil }
        if let form = section["as"]?.choice(of: ColumnMapping.Form.self) { target.form = form }
        if let values = section["values"] { target.values = words(values) }
        if let zone = section["zone"] { target.zone = self.zone(zone, target.form) }
        return target
    }

    private func target(named name: String, _ value: Value) -> ColumnMapping.Target? {
        if let target = ColumnMapping.target(named: name) { return target }
        if name.contains("/") {
            value.mistake(
                .invalidValue, "`\(name)` \(JSONPointer.complaint(name) ?? "is no JSON pointer")",
                suggestion: JSONPointer.guess(name))
        } else {
            let near = Spelling.suggestion(for: name, among: ColumnMapping.knownNames)
            value.mistake(
                .unknownName,
                "an event has no part named `\(name)`: use a JSON pointer such as `/data/\(name)`, or one of "
                    + ColumnMapping.knownNames.map { "`\($0)`" }.joined(separator: ", "), suggestion: near)
        }
        return nil
    }

    private func path(_ name: String, _ value: Value) -> [String]? { target(named: name, value)?.path }

    private func words(_ value: Value) -> [String: String] {
        let words = entries(value).compactMap { name, value in
            value.text(maximumBytes: Limits.textBytes).map { (name, $0) }
        }
        return Dictionary(words, uniquingKeysWith: { first, _ in first })
    }

    private func zone(_ value: Value, _ form: ColumnMapping.Form) -> String? {
        guard let zone = value.text("a zone", maximumBytes: 6) else { return nil }
        guard zone.wholeMatch(of: /Z|[+-][0-9]{2}:[0-9]{2}/) != nil else {
            value.mistake(.invalidValue, "`zone` must be `Z` or an offset such as `+02:00`, not `\(value.written)`")
            return nil
        }
        guard form == .time else {
            value.mistake(.conflict, "`zone` goes with `as: time` alone")
            return nil
        }
        return zone
    }

    /// Two values cannot lie in one place, nor one inside of another.
    private func requireThatTheyDiffer(_ mapping: ColumnMapping, _ section: Section) {
        let paths = mapping.columns.map { ($0.name, $0.target.path) } + mapping.constants.map { ("", $0.path) }
        for (index, (name, path)) in paths.enumerated() {
            for (other, before) in paths[..<index] where path.starts(with: before) || before.starts(with: path) {
                let names = [other, name].map { $0.isEmpty ? "a constant" : "column `\($0)`" }
                findings.mistake(
                    .conflict, at: section.place, "columns",
                    "\(names[0]) and \(names[1]) both become `/\(before.map(\.pointerToken).joined(separator: "/"))`")
            }
        }
    }
}
