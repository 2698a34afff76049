/// Puts environment variables into values: `${NAME}` and `${NAME:-default}`; `$${` is a plain `${`.
///
/// It works on values after YAML has been parsed, so that a variable can never add keys or policies.
final class Substitution {
    private let environment: [String: String]
    private let findings: Findings
    /// The names that the file refers to.
    private(set) var used: Set<String> = []

    init(environment: [String: String], findings: Findings) {
        self.environment = environment
        self.findings = findings
    }

    /// `place` gives the place of the n-th character of `text`.
    func expand(_ text: String, place: (Int) -> Place) -> String {
        guard text.contains("${") else { return text }
        let characters = Array(text)
        var result = ""
        var i = 0
        while i < characters.count {
            if characters[i...].starts(with: "$${") {
                result += "${"
                i += 3
            } else if characters[i...].starts(with: "${") {
                guard let end = characters[i...].firstIndex(of: "}") else {
                    findings.mistake(
                        .syntax, at: place(i),
                        "`${` without `}`: write `${NAME}`, or `$${` for the characters themselves")
                    return result
                }
                result += value(String(characters[(i + 2)..<end]), at: place(i))
                i = end + 1
            } else {
                result.append(characters[i])
                i += 1
            }
        }
        return result
    }

    private func value(_ reference: String, at place: Place) -> String {
        var name = reference
        var fallback: String?
        if let range = reference.firstRange(of: ":-") {
            name = String(reference[..<range.lowerBound])
            fallback = String(reference[range.upperBound...])
        }
        guard Self.isName(name), !(fallback ?? "").contains("${") else {
            findings.mistake(
                .syntax, at: place,
                "`${\(reference)}` names no environment variable: write `${NAME}` or `${NAME:-default}`")
            return ""
        }
        used.insert(name)
        if let value = environment[name], !value.isEmpty || fallback == nil { return value }
        if let fallback { return fallback }
        findings.mistake(
            .unknownName, at: place,
            "environment variable \(name) is not set: set it, or write `${\(name):-default}`",
            suggestion: Spelling.suggestion(for: name, among: environment.keys.sorted()))
        return ""
    }

    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
        }
    }
}
