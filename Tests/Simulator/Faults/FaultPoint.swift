import DiskTestSupport

/// Where something goes wrong: at a call, and perhaps once more, so many calls later.
public struct FaultPoint: Hashable, Sendable, CustomStringConvertible {
    public var call: Int
    public var fault: Fault
    public var second: Second?
    /// What happens before the next start.
    public var strike: Strike?

    public struct Second: Hashable, Sendable {
        public var callsLater: Int
        public var fault: Fault
    }

    public init(call: Int, fault: Fault, second: Second? = nil, strike: Strike? = nil) {
        self.call = call
        self.fault = fault
        self.second = second
        self.strike = strike
    }

    /// Reads what `description` writes: `214:eio`, `214:eio+37:power-before` or `214:kill-before+older-data`.
    public init?(_ text: String) {
        func part(_ text: Substring) -> (Int, Fault)? {
            let words = text.split(separator: ":")
            guard words.count == 2, let number = Int(words[0]), let fault = Fault(rawValue: String(words[1])) else {
                return nil
            }
            return (number, fault)
        }
        let parts = text.split(separator: "+").map(part)
        guard (1...2).contains(parts.count), let first = parts[0] else { return nil }
        self.init(call: first.0, fault: first.1)
        guard parts.count == 2 else { return }
        let last = text.split(separator: "+")[1]
        if let strike = Strike(rawValue: String(last)) {
            self.strike = strike
            return
        }
        guard let other = parts[1] else { return nil }
        second = Second(callsLater: other.0, fault: other.1)
    }

    public var description: String {
        let first = "\(call):\(fault.rawValue)"
        if let strike { return "\(first)+\(strike.rawValue)" }
        guard let second else { return first }
        return "\(first)+\(second.callsLater):\(second.fault.rawValue)"
    }

    var scheduled: [Int: Fault] {
        var result = [call: fault]
        if let second { result[call + second.callsLater] = second.fault }
        return result
    }
}
