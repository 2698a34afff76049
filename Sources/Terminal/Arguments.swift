/// What was typed after a command's name, checked against its declaration.
public struct Arguments: Sendable {
    let options: [String: [String]]
    let declared: Set<String>
    let positionals: [String: [String]]

    /// The option's value, or its default.
    public subscript<Value>(_ option: Option<Value>) -> Value {
        precondition(declared.contains(option.name), "--\(option.name) is not among the command's options")
        do {
            return try option.value(options[option.name] ?? [])
        } catch {
            preconditionFailure("--\(option.name) was checked when the arguments were parsed, and then: \(error)")
        }
    }

    /// Whether the option was typed, so that a default can be told from a choice.
    public func wasGiven(_ option: some OptionDeclaration) -> Bool { options[option.name] != nil }

    /// The positional's values, in their order: none, one or more as its count allows.
    public subscript(_ positional: Positional) -> [String] {
        guard let values = positionals[positional.label] else {
            preconditionFailure("\(positional.label) is not among the command's positional arguments")
        }
        return values
    }
}
