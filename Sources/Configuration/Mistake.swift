/// One thing that is wrong in a configuration, or, as a warning, probably not meant.
public struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    public var place: Place
    /// Which value it concerns: `policies[0].steps[1].after`. Empty for the file as a whole.
    public var keyPath: String
    /// What is wrong and what to do. Holds no secret and no value that came from the environment.
    public var message: String
    /// What was probably meant.
    public var suggestion: String?

    public enum Code: String, CaseIterable, Hashable, Sendable {
        /// The file cannot be read.
        case unreadable
        /// It is not YAML, or a part of YAML that is not supported.
        case syntax
        case unknownKey = "unknown-key"
        case duplicate
        case missing
        case invalidValue = "invalid-value"
        /// A name that nothing bears: an event type, a template, a policy, an environment variable.
        case unknownName = "unknown-name"
        /// Two values that are fine alone and wrong together.
        case conflict
        /// A step that could never send anything.
        case neverFires = "never-fires"
        /// A librdkafka key that carries one of Winback's promises.
        case reserved
        case tooMany = "too-many"
    }

    public var file: String { place.file }
    public var line: Int { place.line }
    public var column: Int { place.column }

    public var description: String {
        let hint = suggestion.map { " (did you mean `\($0)`?)" } ?? ""
        return "\(place): \(message)\(hint)"
    }
}
