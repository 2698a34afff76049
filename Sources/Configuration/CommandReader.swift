import Contract
import Journey

/// Reads `command:`: what a policy's commands carry.
struct CommandReader {
    /// Whether fields may come from anywhere in a message, because not all of them are CloudEvents.
    var takesAnyPointer: Bool

    func read(_ value: Value) -> Policy.CommandTemplate {
        var command = Policy.CommandTemplate()
        guard let section = Section(value, keys: ["campaign", "tags", "fields"]) else { return command }
        command.campaign = section["campaign"]?.text(maximumBytes: Limits.textBytes)
        if let tags = section["tags"] {
            command.tags = tags.uniqueTexts(maximum: Limits.tags) { $0.text(maximumBytes: Limits.textBytes) } ?? []
        }
        if let fields = section["fields"] { command.fields = read(fields: fields) }
        return command
    }

    private func read(fields: Value) -> [Policy.Field] {
        guard case .mapping(let entries) = fields.node.content else {
            fields.mistake(
                .invalidValue, "`fields` must be a mapping of names to JSON pointers, not \(fields.node.kind)")
            return []
        }
        guard entries.count <= Limits.fields else {
            findings(fields).mistake(
                .tooMany, at: entries[Limits.fields].keyPlace, fields.path,
                "`fields` has \(entries.count) fields: at most \(Limits.fields) are allowed")
            return []
        }
        var read: [Policy.Field] = []
        for entry in entries {
            let path = "\(fields.path).\(entry.key)"
            let name = Value(node: .text(entry.key, at: entry.keyPlace), path: path, findings: fields.findings)
            let value = Value(node: entry.value, path: path, findings: fields.findings)
            guard name.identifier("the name of a field") != nil, let source = source(value, name: entry.key) else {
                continue
            }
            read.append(Policy.Field(name: entry.key, source: source))
        }
        return read.sorted { $0.name < $1.name }
    }

    private func findings(_ value: Value) -> Findings { value.findings }

    /// `/data/…`, `{from: /data/…, fallback: text}` or `{value: text}`.
    private func source(_ value: Value, name: String) -> Policy.Field.Source? {
        guard case .mapping = value.node.content else {
            return pointer(value).map { pointer in
                warn(value, name, pointer)
                return .pointer(pointer, fallback: nil)
            }
        }
        guard let section = Section(value, keys: ["from", "fallback", "value"]) else { return nil }
        if let constant = section["value"] {
            guard section["from"] == nil, section["fallback"] == nil else {
                value.mistake(.conflict, "`\(name)` is either a constant (`value`) or read from the event (`from`)")
                return nil
            }
            return constant.text(maximumBytes: Limits.valueBytes, allowsEmpty: true).map { .constant($0) }
        }
        guard let from = section.required("from", "say where the event has it, as in `from: /data/product/name`"),
            let pointer = pointer(from)
        else { return nil }
        guard let fallback = section["fallback"] else {
            warn(from, name, pointer)
            return .pointer(pointer, fallback: nil)
        }
        return fallback.text(maximumBytes: Limits.valueBytes, allowsEmpty: true).map { .pointer(pointer, fallback: $0) }
    }

    private func pointer(_ value: Value) -> String? {
        guard let pointer = value.text("a JSON pointer", maximumBytes: Limits.textBytes) else { return nil }
        if takesAnyPointer, pointer.count > 1, EventShape.isPointer(pointer) { return pointer }
        guard let complaint = JSONPointer.complaint(pointer) else { return pointer }
        let isWritten = pointer == value.written
        value.mistake(
            .invalidValue, "`\(value.written)` \(complaint)", suggestion: isWritten ? JSONPointer.guess(pointer) : nil)
        return nil
    }

    /// Every CloudEvent has these.
    private static let alwaysThere = ["/specversion", "/type", "/source", "/id"]

    private func warn(_ value: Value, _ name: String, _ pointer: String) {
        guard takesAnyPointer || !Self.alwaysThere.contains(pointer) else { return }
        value.warning(
            .missing,
            "field `\(name)` has no fallback: a reminder for an event without `\(value.written)` is skipped")
    }
}
