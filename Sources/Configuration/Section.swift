/// A mapping whose keys are known. Unknown ones are reported when it is made.
struct Section {
    var value: Value
    private var entries: [String: YAMLNode.Entry] = [:]

    var place: Place { value.place }
    var findings: Findings { value.findings }

    /// - Parameter keys: every key that the mapping may have.
    init?(_ value: Value, keys: [String]) {
        self.value = value
        switch value.node.content {
        case .mapping(let entries):
            for entry in entries {
                if keys.contains(entry.key) {
                    self.entries[entry.key] = entry
                } else {
                    Self.reportUnknown(entry, in: value, keys: keys)
                }
            }
        case .scalar(let scalar) where scalar.isNull:
            value.mistake(.missing, "`\(value.name)` has nothing in it: fill it, or leave the key out")
            return nil
        case .scalar, .sequence:
            value.mistake(
                .invalidValue,
                "\(value.path.isEmpty ? "the file" : "`\(value.name)`") must be a mapping (`key: value`), not \(value.node.kind)"
            )
            return nil
        }
    }

    subscript(key: String) -> Value? {
        entries[key].map { Value(node: $0.value, path: path(of: key), findings: findings) }
    }

    func keyPlace(_ key: String) -> Place? { entries[key]?.keyPlace }

    /// The value of a key that must be there.
    func required(_ key: String, _ what: String) -> Value? {
        if let value = self[key] { return value }
        findings.mistake(.missing, at: place, path(of: key), "`\(key)` is missing: \(what)")
        return nil
    }

    func section(_ key: String, keys: [String]) -> Section? {
        self[key].flatMap { Section($0, keys: keys) }
    }

    private func path(of key: String) -> String { value.path.isEmpty ? key : "\(value.path).\(key)" }

    private static func reportUnknown(_ entry: YAMLNode.Entry, in value: Value, keys: [String]) {
        let whereabouts = value.path.isEmpty ? "" : " in `\(value.name)`"
        let near = Spelling.suggestion(for: entry.key, among: keys)
        // `skew:` at the top is probably `conversion.skew`, and `window:` in a policy `reentry.window`.
        let others = value.path.hasPrefix("policies[") ? PolicyReader.nestedKeys : SettingKeys.all
        let elsewhere = near == nil ? others.first { $0.hasSuffix(".\(entry.key)") } : nil
        let known = near ?? elsewhere == nil ? ": known are \(keys.map { "`\($0)`" }.joined(separator: ", "))" : ""
        value.findings.mistake(
            .unknownKey, at: entry.keyPlace, value.path.isEmpty ? entry.key : "\(value.path).\(entry.key)",
            "unknown key `\(entry.key)`\(whereabouts)\(known)", suggestion: near ?? elsewhere)
    }
}
