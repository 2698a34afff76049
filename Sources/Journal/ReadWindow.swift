/// A piece of a segment in memory: records that are read about in the order in which they lie take one read for many.
///
/// What is written never changes, but for personal data that is destroyed; so a window holds nothing from before the
/// journal's head moved, and is read again by who finds something wrong in it.
struct ReadWindow: ~Copyable {
    /// Which bytes of a journal may be kept.
    struct Span: Equatable {
        /// The segment's first position.
        var first: UInt64
        /// Up to which position everything is written; `nil`: nobody knows, and each read reads for itself.
        var head: UInt64?
    }

    private let byteCount: Int
    private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var span = Span(first: 0, head: nil)
    /// Where in the segment it begins, and how many bytes it has.
    private var start: UInt64 = 0
    private var count = 0

    /// - Parameter byteCount: what is read at a time, once a read follows close upon the one before.
    init(byteCount: Int) { self.byteCount = byteCount }

    deinit { buffer.deallocate() }

    mutating func forget() { span.head = nil }

    /// What lies in the file from an offset on: at least `wanted` bytes, if there are as many. Valid until the next call.
    mutating func bytes(
        at offset: UInt64, atLeast wanted: Int, of file: any File, _ span: Span
    ) throws -> UnsafeRawBufferPointer {
        let isCurrent = self.span.head != nil && self.span == span
        if isCurrent, offset >= start, offset - start + UInt64(wanted) <= UInt64(count) { return rest(from: offset) }
        let isClose = isCurrent && offset >= start && offset - start <= UInt64(count + byteCount)
        var readable = wanted
        if isClose, let head = span.head, head > span.first + offset {
            readable = max(wanted, Int(min(UInt64(byteCount), head - span.first - offset)))
        }
        grow(to: readable)
        forget()
        count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<readable]), at: offset)
        start = offset
        self.span = span
        return rest(from: offset)
    }

    private func rest(from offset: UInt64) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[Int(offset - start)..<count])
    }

    private mutating func grow(to count: Int) {
        guard count > buffer.count else { return }
        buffer.deallocate()
        buffer = .allocate(byteCount: count, alignment: 64)
    }
}
