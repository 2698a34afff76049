import Journey

/// Says of an input in a trial's numbers which fields of its event are there.
///
/// A journal knows of those fields that the policies of its day used. Whether any other was there cannot be told: a reminder
/// is not skipped for it.
public struct FieldTranslation {
    /// The recorded number of each field, and the trial's.
    private var known: [(recorded: UInt64, own: UInt64)] = []
    /// The trial's numbers of fields that were not recorded.
    private let unknown: UInt64
    private let all: UInt64
    /// Fields without which a reminder would be skipped and that were not recorded.
    public let unknownPointers: [String]

    /// - Parameters:
    ///   - trial: has activated the policies.
    ///   - recorded: the number of each pointer that the inputs to come have read.
    public init(to trial: PolicyTrial, recorded: [String: Int]) {
        var unknown: UInt64 = 0
        var all: UInt64 = 0
        var pointers: [String] = []
        for version in trial.policies.versions {
            for field in version.policy.command.fields {
                guard case .pointer(let pointer, let fallback) = field.source,
                    let number = trial.number(ofField: pointer), all & 1 << UInt64(number) == 0 || fallback == nil
                else { continue }
                let own: UInt64 = 1 << UInt64(number)
                if let number = recorded[pointer] {
                    if all & own == 0 { known.append((1 << UInt64(number), own)) }
                } else {
                    unknown |= own
                    if fallback == nil, !pointers.contains(pointer) { pointers.append(pointer) }
                }
                all |= own
            }
        }
        self.unknown = unknown
        self.all = all
        unknownPointers = pointers
    }

    /// - Parameter isDetailed: whether anything was read out of events of this type but whom they are about.
    public func translate(_ details: Details, isDetailed: Bool) -> Details {
        var fields = isDetailed ? unknown : all
        for field in known where details.fields & field.recorded != 0 { fields |= field.own }
        // Details that have a field have a hash.
        return Details(
            record: details.record, hash: details.isNone && fields != 0 ? 1 : details.hash, fields: fields)
    }
}
