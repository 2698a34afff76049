import Journey

/// Whom, or what, an auditor asks about.
public enum PersonQuestion: Sendable, Equatable {
    /// - Parameter tenant: `nil`: of any.
    case prospect(id: String, tenant: String?)
    case email(String, tenant: String?)
    case journey(JourneyID)
    /// - Parameter step: from 1.
    case command(JourneyID, step: Int)
    /// - Parameter topic: as the journal numbers them.
    case message(topic: UInt8, partition: Int32, offset: Int64)

    /// A journey's id as commands have it: 32 hexadecimal digits.
    public static func journeyID(_ text: some StringProtocol) -> JourneyID? {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        return JourneyID(high: high, low: low)
    }

    /// A command's id: its journey's, a dash, and the step's number from 1.
    public static func commandID(_ text: String) -> (journey: JourneyID, step: Int)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let journey = journeyID(parts[0]), let step = Int(parts[1]), (1...255).contains(step)
        else { return nil }
        return (journey, step)
    }
}
