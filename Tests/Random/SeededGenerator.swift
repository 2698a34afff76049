/// Numbers that follow from a seed, which a test prints, so that a failure can be repeated.
///
/// Source: SplitMix64, of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var sum: UInt64

    public init(seed: UInt64) { sum = seed }

    public mutating func next() -> UInt64 {
        sum &+= 0x9E37_79B9_7F4A_7C15
        var mixed = sum
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True in so many of a hundred cases.
    public mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
