import Journey

/// One value of the file while it is read: its node, its place in the tree of keys, and where to report what is wrong.
///
/// A reading method returns `nil` after it has reported a mistake.
struct Value {
    var node: YAMLNode
    var path: String
    var findings: Findings

    var place: Place { node.place }
    /// The last part of the path: what messages call the value.
    var name: String { path.split(separator: ".").last.map(String.init) ?? path }

    func mistake(_ code: Mistake.Code, _ message: String, suggestion: String? = nil) {
        findings.mistake(code, at: place, path, message, suggestion: suggestion)
    }

    func warning(_ code: Mistake.Code, _ message: String) { findings.warning(code, at: place, path, message) }

    /// What messages quote; never a value from the environment.
    var written: String {
        guard case .scalar(let scalar) = node.content else { return node.kind }
        return scalar.written.count > 80 ? "\(scalar.written.prefix(80))…" : scalar.written
    }

    private func scalar(_ expected: String) -> YAMLNode.Scalar? {
        guard case .scalar(let scalar) = node.content else {
            mistake(.invalidValue, "`\(name)` must be \(expected), not \(node.kind)")
            return nil
        }
        guard !scalar.isNull else {
            mistake(.missing, "`\(name)` has no value: give \(expected), or leave the key out")
            return nil
        }
        guard scalar.problems.isEmpty else {
            findings.report(scalar.problems, path)
            return nil
        }
        return scalar
    }

    /// Any text up to `maximumBytes`, without control characters.
    func text(_ expected: String = "a text", maximumBytes: Int, allowsEmpty: Bool = false) -> String? {
        guard let scalar = scalar(expected) else { return nil }
        if scalar.text.isEmpty && !allowsEmpty {
            mistake(.invalidValue, "`\(name)` is empty: give \(expected), or leave the key out")
            return nil
        }
        guard scalar.text.utf8.count <= maximumBytes else {
            mistake(.tooMany, "`\(name)` is longer than \(maximumBytes) bytes")
            return nil
        }
        guard !scalar.text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            mistake(.invalidValue, "`\(name)` has a control character: leave it out")
            return nil
        }
        return scalar.text
    }

    /// Letters, digits, `.`, `_` and `-`: safe in ids, file names, topics and links.
    func identifier(_ expected: String = "a name", maximumBytes: Int = Limits.nameBytes) -> String? {
        guard let text = text(expected, maximumBytes: maximumBytes) else { return nil }
        guard text.utf8.allSatisfy({ Self.identifierBytes.contains($0) }) else {
            mistake(.invalidValue, "`\(written)` is no name: use letters without accents, digits, `.`, `_` and `-`")
            return nil
        }
        return text
    }

    private static let identifierBytes = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)

    /// One of some names.
    ///
    /// - Parameter unknown: what to say of another one; `near` is what was probably meant.
    func name(_ expected: String = "a text", among names: [String], unknown: (_ near: String?) -> String) -> String? {
        guard let text = text(expected, maximumBytes: Limits.textBytes) else { return nil }
        guard names.contains(text) else {
            let near = Spelling.suggestion(for: text, among: names)
            mistake(.unknownName, unknown(near), suggestion: near)
            return nil
        }
        return text
    }

    func span(_ allowed: ClosedRange<Span>) -> Span? {
        guard let scalar = scalar("a duration") else { return nil }
        switch SpanText.parse(scalar.text) {
        case .success(let span):
            guard allowed.contains(span) else {
                let from = SpanText.describe(allowed.lowerBound)
                let to = SpanText.describe(allowed.upperBound)
                mistake(.invalidValue, "`\(name)` must be from \(from) to \(to), not `\(written)`")
                return nil
            }
            return span
        case .failure(let problem):
            // What was guessed from a value of the environment would print it.
            let suggestion = scalar.isAsWritten ? problem.suggestion : nil
            mistake(.invalidValue, "`\(name)`: `\(written)` \(problem.message)", suggestion: suggestion)
            return nil
        }
    }

    func bytes(_ allowed: ClosedRange<Int>) -> Int? {
        guard let scalar = scalar("an amount of bytes") else { return nil }
        guard let bytes = ByteCount.parse(scalar.text), allowed.contains(bytes) else {
            let from = ByteCount.describe(allowed.lowerBound)
            let to = ByteCount.describe(allowed.upperBound)
            let guess = scalar.isAsWritten ? ByteCount.guess(scalar.text) : nil
            mistake(
                .invalidValue, "`\(name)` must be an amount such as `64MiB`, from \(from) to \(to), not `\(written)`",
                suggestion: guess == scalar.text ? nil : guess)
            return nil
        }
        return bytes
    }

    /// `nil` for `auto`, too.
    func bytesOrAutomatic(_ allowed: ClosedRange<Int>) -> Int? {
        if case .scalar(let scalar) = node.content, scalar.problems.isEmpty, scalar.text == "auto" { return nil }
        return bytes(allowed)
    }

    func boolean() -> Bool? {
        guard let scalar = scalar("true or false") else { return nil }
        switch scalar.text {
        case "true": return true
        case "false": return false
        default:
            let words = ["yes": "true", "on": "true", "no": "false", "off": "false"]
            let word = scalar.text.lowercased()
            mistake(
                .invalidValue, "`\(name)` must be true or false, not `\(written)`",
                suggestion: words[word] ?? Spelling.suggestion(for: word, among: ["true", "false"]))
            return nil
        }
    }

    func choice<T: RawRepresentable & CaseIterable>(of type: T.Type) -> T? where T.RawValue == String {
        guard let scalar = scalar("one word") else { return nil }
        if let value = T(rawValue: scalar.text) { return value }
        let words = T.allCases.map(\.rawValue)
        mistake(
            .invalidValue, "`\(name)` must be \(words.map { "`\($0)`" }.joined(separator: " or ")), not `\(written)`",
            suggestion: Spelling.suggestion(for: scalar.text, among: words))
        return nil
    }

    /// The items of a list; a single value counts as a list of one.
    func items(maximum: Int) -> [Value]? {
        let nodes: [YAMLNode]
        switch node.content {
        case .sequence(let items): nodes = items
        case .scalar(let scalar) where scalar.isNull:
            mistake(.missing, "`\(name)` has no value: give a list, or leave the key out")
            return nil
        case .scalar: return [self]
        case .mapping:
            mistake(.invalidValue, "`\(name)` must be a list, not a mapping")
            return nil
        }
        guard nodes.count <= maximum else {
            findings.mistake(
                .tooMany, at: nodes[maximum].place, path,
                "`\(name)` has \(nodes.count) items: at most \(maximum) are allowed")
            return nil
        }
        return nodes.enumerated().map { Value(node: $1, path: "\(path)[\($0)]", findings: findings) }
    }

    /// A list in which each text may come once.
    func uniqueTexts(maximum: Int, _ read: (Value) -> String?) -> [String]? {
        guard let items = items(maximum: maximum) else { return nil }
        var texts: [String] = []
        for item in items {
            guard let text = read(item) else { continue }
            if texts.contains(text) {
                item.mistake(.duplicate, "`\(item.written)` is listed twice: keep one of them")
            } else {
                texts.append(text)
            }
        }
        return texts
    }
}
