import Configuration
import Journey
import Records

/// The policies of a shard as its journal tells them, record by record, for those who read a journal from outside: with the
/// numbers that the shard itself has given to names and fields.
public struct PolicyHistory {
    public private(set) var policies = PolicySet()
    /// The newest activation; `nil` before the first.
    public private(set) var current: PolicyText?
    /// When operators decided something with `winback recover`, oldest first.
    public private(set) var interventions: [(intervention: Intervention, at: Instant)] = []
    private let keys: PolicyKeyTable

    /// - Parameter key: the data directory's.
    public init(key: [UInt8]) { keys = PolicyKeyTable(key: key) }

    /// Takes note of an activation, an intervention or a command that was found; of nothing else.
    ///
    /// - Throws: `PolicyTextError` where an activation's text is not one that this version writes.
    public mutating func apply(_ record: Record) throws {
        switch record {
        case .activation(let at, let text):
            let decisions = try PolicyText(text: String(decoding: text, as: UTF8.self))
            keys.register(decisions.policies)
            policies.activate(decisions.policies, decisions.settings, at: at, keys: keys)
            current = decisions
        case .intervention(let intervention, let at):
            interventions.append((intervention, at))
            policies.intervene(intervention, at: at)
        case .found(let reminder): policies.note(reminder)
        case .input, .fact, .refused, .tombstone, .unknownType, .tick, .timer, .migration, .match, .command, .address,
            .destroyed:
            break
        }
    }

    /// The shard's number of an event's field.
    public func number(ofField pointer: String) -> Int? { keys.number(ofField: pointer) }

    /// The fields that records may have, by their numbers.
    public var fields: [String] { keys.fields }
}
