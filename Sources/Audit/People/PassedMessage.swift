import Contract
import Journey
import Records

/// A message that the journal has and that was about nobody.
public struct PassedMessage: Sendable, Equatable {
    public enum Fate: Sendable, Equatable {
        /// It had no value.
        case tombstone
        case unknownType
        /// It went to the dead-letter topic, with a code of the reason.
        case refused(UInt8)
    }

    public var fate: Fate
    public var place: MessagePlace
    public var partition: Int32
    public var position: UInt64
    public var isPending: Bool
}

extension PassedMessage {
    /// One word for programs.
    public var outcome: String {
        switch fate {
        case .tombstone: IgnoreReason.tombstone.name
        case .unknownType: IgnoreReason.unknownType.name
        case .refused: IgnoreReason.refused.name
        }
    }

    /// What became of it, for people.
    public func sentence(topic: String) -> String {
        let what =
            switch fate {
            case .tombstone: "had no value, so there was nothing to read in it"
            case .unknownType:
                "is of a type that the configuration did not know when it was read (events.types maps other names;"
                    + " events.unknown: refuse makes dead letters of them)"
            case .refused(let code):
                "was refused and went to the dead-letter topic with the reason"
                    + " \(Refusal.Reason(rawValue: code)?.name ?? "number \(code)"); winback dead-letters show tells more"
            }
        return
            "The message at \(topic), partition \(partition), offset \(place.offset), published at \(place.time.readable)"
            + " UTC, \(what). It is about nobody and has opened and ended nothing. [journal position \(position)]"
    }
}
