import Glibc

/// For how long a thread was ready to run while all processors did something else, as the kernel counts it: what a busy
/// machine does to a measurement, and no fault of what is measured.
final class ProcessorQueue {
    private let descriptor: Int32
    private static let textBytes = 128

    /// Of the calling thread. Where the kernel does not count, nothing is ever waited.
    init() { descriptor = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Since the thread began.
    var waitedSeconds: Double {
        guard descriptor >= 0 else { return 0 }
        return withUnsafeTemporaryAllocation(byteCount: Self.textBytes, alignment: 1) { text in
            let count = pread(descriptor, text.baseAddress, text.count, 0)
            // "ran waited slices", in nanoseconds.
            let fields = text.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
            guard fields.count == 3 else { return 0 }
            return fields[1].reduce(0.0) { $0 * 10 + Double($1 &- UInt8(ascii: "0")) } * 1e-9
        }
    }
}
