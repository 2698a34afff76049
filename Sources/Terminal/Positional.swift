/// An argument that is known by its place.
public struct Positional: Sendable, Equatable {
    public enum Count: Sendable {
        case one
        case optional
        /// The last positional of a command may take all that are left.
        case any
        case atLeastOne
    }

    public let label: String
    public let count: Count
    public let help: String

    public init(_ label: String, _ count: Count = .one, help: String) {
        self.label = label
        self.count = count
        self.help = help
    }

    var usage: String {
        switch count {
        case .one: label
        case .optional: "[\(label)]"
        case .any: "[\(label)…]"
        case .atLeastOne: "\(label)…"
        }
    }

    var isRequired: Bool { count == .one || count == .atLeastOne }
    var takesRest: Bool { count == .any || count == .atLeastOne }
}
