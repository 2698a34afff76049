/// Writes a large file portion by portion, and waits for each before the one after the next: whoever writes or syncs another
/// file on the same disk meanwhile waits for little of this one.
///
/// Pages that are written and left to the kernel pile up until the disk's queue is full, and then everybody's next write waits.
struct LargeWrite {
    let file: any File
    /// What the disk was given before the portion in hand.
    private var previous: Range<UInt64>
    private var current: Range<UInt64>

    /// Some milliseconds of a slow disk's time.
    static let portionBytes: UInt64 = 1 << 20

    /// - Parameter start: where the first byte goes.
    init(_ file: any File, from start: UInt64 = 0) {
        self.file = file
        previous = start..<start
        current = start..<start
    }

    /// Writes all bytes or throws. What is written lies behind what was written before.
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        try file.write(bytes, at: offset)
        current = current.lowerBound..<offset + UInt64(bytes.count)
        guard current.upperBound - current.lowerBound >= Self.portionBytes else { return }
        try file.waitUntilWritten(previous)
        previous = current
        current = current.upperBound..<current.upperBound
    }
}
