/// Numbers that look random and depend on nothing but their seed and place: SplitMix64 (Steele, Lea, Flood 2014).
struct Draw {
    let seed: UInt64

    @inline(__always)
    func callAsFunction(_ a: UInt64, _ b: UInt64 = 0) -> UInt64 {
        Self.mix(Self.mix(seed &+ a &* 0x9E37_79B9_7F4A_7C15) &+ b &* 0xD1B5_4A32_D192_ED03)
    }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number below `bound`, from a draw.
    @inline(__always)
    static func scale(_ draw: UInt64, below bound: UInt64) -> UInt64 { draw.multipliedFullWidth(by: bound).high }
}
