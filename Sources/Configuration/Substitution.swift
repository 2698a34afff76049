/// Puts environment variables into values: `${NAME}` and `${NAME:-default}`; `$${` is a plain `${`.
///
/// It works on values after YAML has been parsed, so that a variable can never add keys or policies. What is wrong stays
/// with the value until it is read: one that the command line replaces needs no variable.
final class Substitution {
    private let environment: [String: String]
    /// The names that the file refers to.
    private(set) var used: Set<String> = []

    init(environment: [String: String]) { self.environment = environment }

    /// `place` gives the place of the n-th character of `text`.
    func expand(_ text: String, place: (Int) -> Place) -> (text: String, problems: [Mistake]) {
        guard text.contains("${") else { return (text, []) }
        let characters = Array(text)
        var result = ""
        var problems: [Mistake] = []
        var i = 0
        while i < characters.count {
            if characters[i...].starts(with: "$${") {
                result += "${"
                i += 3
            } else if characters[i...].starts(with: "${") {
                guard let end = characters[i...].firstIndex(of: "}") else {
                    let message = "`${` without `}`: write `${NAME}`, or `$${` for the characters themselves"
                    problems.append(Mistake(code: .syntax, place: place(i), keyPath: "", message: message))
                    break
                }
                switch value(String(characters[(i + 2)..<end]), at: place(i)) {
                case .success(let value): result += value
                case .failure(let problem): problems.append(problem)
                }
                i = end + 1
            } else {
                result.append(characters[i])
                i += 1
            }
        }
        return (result, problems)
    }

    private func value(_ reference: String, at place: Place) -> Result<String, Mistake> {
        var name = reference
        var fallback: String?
        if let range = reference.firstRange(of: ":-") {
            name = String(reference[..<range.lowerBound])
            fallback = String(reference[range.upperBound...])
        }
        guard Self.isName(name), !(fallback ?? "").contains("${") else {
            let message = "`${\(reference)}` names no environment variable: write `${NAME}` or `${NAME:-default}`"
            return .failure(Mistake(code: .syntax, place: place, keyPath: "", message: message))
        }
        used.insert(name)
        if let value = environment[name], !value.isEmpty || fallback == nil { return .success(value) }
        if let fallback { return .success(fallback) }
        return .failure(
            Mistake(
                code: .unknownName, place: place, keyPath: "",
                message: "environment variable \(name) is not set: set it, or write `${\(name):-default}`",
                suggestion: Spelling.suggestion(for: name, among: environment.keys.sorted())))
    }

    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
        }
    }
}
