import Engine
import Journey

/// A field of an exported row.
enum ExportValue: Sendable {
    case none
    case number(Int64)
    case text(String)
    case time(Instant)
    case key(UInt64, UInt64)
    case boolean(Bool)

    static func integer(_ value: some BinaryInteger) -> ExportValue { .number(Int64(clamping: value)) }
    static func text(_ value: String?) -> ExportValue { value.map { $0.isEmpty ? .none : .text($0) } ?? .none }
    static func time(_ value: Instant?) -> ExportValue {
        value.map { Instant.distantPast < $0 && $0 < .distantFuture ? .time($0) : .none } ?? .none
    }
    static func key(_ id: JourneyID) -> ExportValue { .key(id.high, id.low) }
    static func key(_ prospect: ProspectKey) -> ExportValue { .key(prospect.high, prospect.low) }

    /// The columns that say who a person is.
    static func person(_ person: PersonalData?) -> [ExportValue] {
        [.text(person?.tenant), .text(person?.prospectID), .text(person?.email), .text(person?.product)]
    }
}
