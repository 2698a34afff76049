/// Collects what is wrong while a configuration is read, so that all of it can be reported at once.
final class Findings {
    private(set) var mistakes: [Mistake] = []
    private(set) var warnings: [Mistake] = []
    private var seen: Set<Mistake> = []
    private var omitted = 0

    /// A mistake inside a value that an alias repeats is reported once.
    func mistake(
        _ code: Mistake.Code, at place: Place, _ keyPath: String, _ message: String, suggestion: String? = nil
    ) {
        let mistake = Mistake(code: code, place: place, keyPath: keyPath, message: message, suggestion: suggestion)
        guard isNew(mistake) else { return }
        guard mistakes.count < ConfigurationError.maximumMistakes else {
            omitted += 1
            return
        }
        mistakes.append(mistake)
    }

    /// Problems that were found before it was known which value they concern.
    func report(_ problems: [Mistake], _ keyPath: String) {
        for problem in problems {
            mistake(problem.code, at: problem.place, keyPath, problem.message, suggestion: problem.suggestion)
        }
    }

    /// A mistake that concerns the text rather than one of its values.
    func mistake(_ code: Mistake.Code, at place: Place, _ message: String, suggestion: String? = nil) {
        mistake(code, at: place, "", message, suggestion: suggestion)
    }

    /// Like a mistake, but the configuration can be used.
    func warning(_ code: Mistake.Code, at place: Place, _ keyPath: String, _ message: String) {
        let warning = Mistake(code: code, place: place, keyPath: keyPath, message: message, suggestion: nil)
        guard warnings.count < ConfigurationError.maximumMistakes, isNew(warning) else { return }
        warnings.append(warning)
    }

    var error: ConfigurationError? {
        mistakes.isEmpty ? nil : ConfigurationError(mistakes: Self.inOrder(mistakes), omitted: omitted)
    }

    /// Warnings in the order of the file.
    var orderedWarnings: [Mistake] { Self.inOrder(warnings) }

    private func isNew(_ mistake: Mistake) -> Bool {
        var identity = mistake
        identity.keyPath = ""
        return seen.insert(identity).inserted
    }

    private static func inOrder(_ mistakes: [Mistake]) -> [Mistake] {
        mistakes.enumerated()
            .sorted { a, b in
                (a.element.line, a.element.column, a.offset) < (b.element.line, b.element.column, b.offset)
            }
            .map(\.element)
    }
}
