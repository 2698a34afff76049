import Journey

/// Reads `templates:` and `policies:` and checks the policies against each other.
struct PoliciesReader {
    var clock: Clock
    /// Whether commands may take what lies anywhere in a message, because not all of them are CloudEvents.
    var takesAnyPointer: Bool

    func read(_ root: Section) -> (templates: [String], policies: [Policy]) {
        let templates = readTemplates(root)
        guard let value = root.required("policies", "without a policy no reminder would ever be sent"),
            let items = value.items(maximum: Limits.policies)
        else { return (templates.names ?? [], []) }
        if items.isEmpty { value.mistake(.missing, "`policies` is empty: no reminder would ever be sent") }
        let reader = PolicyReader(clock: clock, templates: templates, takesAnyPointer: takesAnyPointer)
        let located = items.compactMap { reader.read($0) }
        checkNames(located)
        checkSupersedes(located)
        checkPointers(items)
        if !located.isEmpty, located.allSatisfy({ !$0.policy.enabled }) {
            value.warning(.conflict, "no policy is enabled: no reminder will be sent")
        }
        return (templates.names ?? [], located.map(\.policy))
    }

    private func readTemplates(_ root: Section) -> Templates {
        guard
            let value = root.required(
                "templates", "list the templates that steps may name, as in `templates: [act-now]`")
        else { return Templates(names: nil) }
        let names = value.uniqueTexts(maximum: Limits.templates) {
            $0.text("a template", maximumBytes: Limits.textBytes)
        }
        return Templates(names: names)
    }

    private func checkNames(_ policies: [PolicyReader.Located]) {
        var places: [String: Place] = [:]
        for located in policies {
            guard let name = located.name, !located.policy.name.isEmpty else { continue }
            if let first = places[located.policy.name] {
                name.mistake(
                    .duplicate, "two policies are named `\(name.written)`, the first in line \(first.line): rename one")
            } else {
                places[located.policy.name] = name.place
            }
        }
    }

    private func checkSupersedes(_ policies: [PolicyReader.Located]) {
        // A name that is wrong in itself has been reported; who refers to it is not to blame.
        let names = policies.compactMap { $0.name?.text }
        for located in policies {
            for item in located.supersedes {
                guard let name = item.text, !name.isEmpty else { continue }
                if name == located.policy.name {
                    item.mistake(.conflict, "a policy cannot supersede itself: remove `\(item.written)`")
                } else if !names.contains(name) {
                    item.mistake(
                        .unknownName, "`supersedes` names the policy `\(item.written)`, which does not exist",
                        suggestion: Spelling.suggestion(for: name, among: names))
                }
            }
        }
    }

    /// The state keeps one bit for each distinct pointer of all policies.
    private func checkPointers(_ policies: [Value]) {
        var pointers: Set<String> = []
        for policy in policies {
            for (pointer, value) in pointerValues(policy) where pointers.insert(pointer).inserted {
                guard pointers.count > Limits.pointers else { continue }
                value.mistake(
                    .tooMany,
                    "more than \(Limits.pointers) different JSON pointers in all policies: use fewer fields")
                return
            }
        }
    }

    private func pointerValues(_ policy: Value) -> [(String, Value)] {
        guard let fields = policy.child("command")?.child("fields"), case .mapping(let entries) = fields.node.content
        else { return [] }
        return entries.compactMap { entry in
            let value = Value(node: entry.value, path: "\(fields.path).\(entry.key)", findings: fields.findings)
            let source = value.child("from") ?? value
            guard case .scalar(let scalar) = source.node.content, scalar.text.hasPrefix("/") else { return nil }
            return (scalar.text, source)
        }
    }
}

extension Value {
    /// A single value as it is, without judging it.
    fileprivate var text: String? {
        guard case .scalar(let scalar) = node.content else { return nil }
        return scalar.text
    }

    /// The value of a key, without judging the others.
    fileprivate func child(_ key: String) -> Value? {
        guard case .mapping(let entries) = node.content else { return nil }
        return entries.first { $0.key == key }
            .map { Value(node: $0.value, path: "\(path).\(key)", findings: findings) }
    }
}
