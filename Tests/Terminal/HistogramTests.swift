import Testing

@testable import Telemetry

struct HistogramTests {
    @Test func percentilesOfSmallValuesAreExact() {
        let histogram = Histogram()
        for value in 1...20 { histogram.record(UInt64(value)) }
        let summary = histogram.summary
        #expect(summary.count == 20 && summary.mean == 10.5)
        #expect(summary.p50 == 10 && summary.p90 == 18 && summary.p99 == 20 && summary.max == 20)
    }

    @Test func percentilesOfLargeValuesAreWithinAThirtySecond() {
        let histogram = Histogram()
        for value in 1...100_000 { histogram.record(UInt64(value) * 1000) }
        let summary = histogram.summary
        for (found, truth) in [(summary.p50, 50_000_000.0), (summary.p90, 90_000_000), (summary.p99, 99_000_000)] {
            #expect(Double(found) >= truth && Double(found) <= truth * (1 + 1.0 / 32))
        }
        #expect(summary.max == 100_000_000)
    }

    @Test func anEmptyHistogramIsZero() {
        #expect(Histogram().summary == .init(count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0))
    }

    @Test func everyValueLiesInItsBucket() {
        var values: [UInt64] = [0, 1, 31, 32, 33, 63, 64, 65, .max, .max - 1]
        for bit in 5..<64 { values += [(1 << bit) - 1, 1 << bit, (1 << bit) + 1] }
        for value in values {
            let bucket = Histogram.bucket(of: value)
            #expect((0..<Histogram.bucketCount).contains(bucket))
            #expect(value <= Histogram.highest(in: bucket))
            #expect(bucket == 0 || value > Histogram.highest(in: bucket - 1))
        }
        #expect(Histogram.highest(in: Histogram.bucketCount - 1) == .max)
    }

    @Test func aDurationIsCountedInMicroseconds() {
        let histogram = Histogram()
        histogram.record(microsecondsOf: .milliseconds(12))
        histogram.record(microsecondsOf: .seconds(-1))
        #expect(histogram.summary.max == 12_000 && histogram.summary.count == 2)
    }

    @Test func threadsRecordTogether() async {
        let histogram = Histogram()
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for value in 0..<10_000 {
                        histogram.record(UInt64(value * 8 + thread))
                        counter.add()
                    }
                }
            }
        }
        #expect(histogram.summary.count == 80_000 && counter.value == 80_000)
        #expect(histogram.summary.max == 79_999)
    }
}
