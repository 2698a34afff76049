/// The numbers below a count, each once, in an order that looks like none and needs no memory.
struct Permutation {
    let count: Int
    private let stride: Int

    init(count: Int) {
        precondition(count > 0, "there is a number")
        self.count = count
        // About the golden section, and without a common divisor.
        var stride = max(1, Int(Double(count) * 0.618))
        while Self.divisor(stride, count) != 1 { stride -= 1 }
        self.stride = stride
    }

    /// The number at a place; places go around.
    subscript(place: Int) -> Int {
        count.dividingFullWidth((place % count).multipliedFullWidth(by: stride)).remainder
    }

    private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
}

/// Numbers that look drawn, and are the same in every run.
struct Draws {
    private var state: UInt64 = 0x2545_F491_4F6C_DD1D

    /// At least 0, and below a limit.
    mutating func next(below limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state.multipliedFullWidth(by: UInt64(limit)).high)
    }
}
