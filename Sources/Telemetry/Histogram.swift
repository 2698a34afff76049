import Synchronization

/// How measured values are spread: counts in buckets whose width grows with the value, so that percentiles are within
/// 1/32 (3.2 %) of the truth from 0 to the largest UInt64, in constant memory (15 KiB).
///
/// The layout is that of HdrHistogram: values below 32 have a bucket each, and each further power of two is divided
/// into 32 equal buckets. Any thread may record; recording allocates nothing.
public final class Histogram: Sendable {
    static let subBucketBits = 5
    static let subBuckets = 1 << subBucketBits
    static let bucketCount = (64 - subBucketBits + 1) * subBuckets

    /// What was recorded up to one moment.
    public struct Summary: Sendable, Equatable {
        public let count: UInt64
        public let mean: Double
        public let p50: UInt64
        public let p90: UInt64
        public let p99: UInt64
        public let max: UInt64
    }

    // Allocated by init and freed by deinit; in between it is only touched through atomic operations.
    private nonisolated(unsafe) let buckets: UnsafeMutablePointer<Atomic<UInt64>>
    private let sum = Atomic<UInt64>(0)
    private let largest = Atomic<UInt64>(0)

    public init() {
        buckets = .allocate(capacity: Histogram.bucketCount)
        for index in 0..<Histogram.bucketCount { (buckets + index).initialize(to: Atomic(0)) }
    }

    deinit {
        buckets.deinitialize(count: Histogram.bucketCount)
        buckets.deallocate()
    }

    /// Counts `value` `times` over. The unit is the caller's: microseconds, bytes, records.
    public func record(_ value: UInt64, times: UInt64 = 1) {
        buckets[Histogram.bucket(of: value)].add(times, ordering: .relaxed)
        let (product, overflow) = value.multipliedReportingOverflow(by: times)
        sum.wrappingAdd(overflow ? 0 : product, ordering: .relaxed)
        largest.max(value, ordering: .relaxed)
    }

    public func record(microsecondsOf duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return record(0) }
        record(UInt64(seconds) &* 1_000_000 &+ UInt64(attoseconds / 1_000_000_000_000))
    }

    public var summary: Summary {
        let counts = (0..<Histogram.bucketCount).map { buckets[$0].load(ordering: .relaxed) }
        let count = counts.reduce(0, &+)
        let max = largest.load(ordering: .relaxed)
        let mean = count == 0 ? 0 : Double(sum.load(ordering: .relaxed)) / Double(count)
        func percentile(_ percent: Double) -> UInt64 {
            guard count > 0 else { return 0 }
            // The smallest value that at least this share of all values does not exceed.
            let rank = Swift.max(1, UInt64((Double(count) * percent / 100).rounded(.up)))
            var seen: UInt64 = 0
            for (index, inBucket) in counts.enumerated() {
                seen &+= inBucket
                if seen >= rank { return Swift.min(Histogram.highest(in: index), max) }
            }
            return max
        }
        return Summary(
            count: count, mean: mean, p50: percentile(50), p90: percentile(90), p99: percentile(99), max: max)
    }

    static func bucket(of value: UInt64) -> Int {
        guard value >= subBuckets else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let shift = exponent - subBucketBits
        return (shift + 1) * subBuckets + Int(value >> UInt64(shift)) - subBuckets
    }

    /// The largest value that falls into the bucket.
    static func highest(in bucket: Int) -> UInt64 {
        guard bucket >= subBuckets else { return UInt64(bucket) }
        let shift = UInt64(bucket / subBuckets - 1)
        let lowest = UInt64(bucket % subBuckets + subBuckets) << shift
        return lowest + ((1 << shift) - 1)
    }
}
