/// Everything that is wrong with a configuration, in the order of the file.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var mistakes: [Mistake]
    /// How many more there are, beyond `maximumMistakes`.
    public var omitted: Int

    /// How many mistakes are kept: a broken file could have one on every line.
    public static let maximumMistakes = 500

    /// One line for each mistake: `winback.yaml:12:5: message (did you mean …?)`.
    public var description: String {
        var lines = mistakes.map(\.description)
        if omitted > 0 { lines.append("and \(omitted) more") }
        return lines.joined(separator: "\n")
    }
}
