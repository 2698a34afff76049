/// Why a decoder cannot be made from a shape.
public struct ContractError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        case invalidPointer
        case tooManyFields
        case tooManyPlaces
        case outOfMemory
    }

    public let code: Code
    public let description: String

    static func invalidPointer(_ pointer: String) -> ContractError {
        ContractError(
            code: .invalidPointer,
            description: "\(pointer) is not a JSON pointer: write it as /data/product/name, "
                + "with ~1 for a slash and ~0 for a tilde in a name")
    }

    static func tooManyFields(_ count: Int) -> ContractError {
        ContractError(
            code: .tooManyFields,
            description: "the policies use \(count) different fields of events; at most \(EventBounds.fieldCount) "
                + "are kept: use fewer of them in command.fields")
    }

    static func tooManyPlaces(_ field: String) -> ContractError {
        ContractError(
            code: .tooManyPlaces,
            description: "\(field) is looked for in more than \(EventBounds.placeCount) places: name fewer of them")
    }

    static let outOfMemory = ContractError(
        code: .outOfMemory, description: "there is no memory for the JSON parser: give the process more")
}
