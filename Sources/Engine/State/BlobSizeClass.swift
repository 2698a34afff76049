/// The sizes that blobs come in, in units of 8 bytes: every unit up to 256 bytes, where nearly all prospects are, then
/// eight steps per doubling up to 40 KiB, which holds a prospect at all its bounds.
enum BlobSizeClass {
    static let unitBytes = 8
    static let smallestUnits = 4
    static let largestFineUnits = 32
    static let fineCount = largestFineUnits - smallestUnits + 1
    static let largestBytes = 40_960
    /// 8 classes for each of the seven doublings from 256 bytes to 32 KiB, and two for 36 and 40 KiB.
    static let count = fineCount + 7 * 8 + 2

    @inline(__always)
    static func index(bytes: Int) -> Int {
        precondition(bytes <= largestBytes, "a prospect's blob of \(bytes) bytes is over the bound")
        let units = max(smallestUnits, (bytes + unitBytes - 1) / unitBytes)
        if units <= largestFineUnits { return units - smallestUnits }
        let exponent = Int.bitWidth - 1 - (units - 1).leadingZeroBitCount
        let step = (units - 1 - (1 << exponent)) >> (exponent - 3)
        return fineCount + (exponent - 5) * 8 + step
    }

    @inline(__always)
    static func units(_ index: Int) -> Int {
        if index < fineCount { return index + smallestUnits }
        let exponent = 5 + (index - fineCount) / 8
        let step = (index - fineCount) % 8
        return (1 << exponent) + ((step + 1) << (exponent - 3))
    }
}
