import Journal
import Testing

@testable import Engine

@Suite struct DiskWatchTests {
    private static let segment = 64 << 20
    private static let mebi: Int64 = 1 << 20
    private static let gibi: Int64 = 1 << 30

    private func watch(
        total: Int64, partitions: Int, warn: Int? = nil, stop: Int? = nil
    ) -> DiskWatch {
        DiskWatch(warn: warn, stop: stop, partitions: partitions, segmentBytes: Self.segment, totalBytes: total)
    }

    @Test func whatIsKeptFreeFollowsDiskAndPartitions() {
        let rows: [(total: Int64, partitions: Int, warn: Int64, stop: Int64)] = [
            (1024 * Self.gibi, 1, 10 * Self.gibi, 128 * Self.mebi),
            (1024 * Self.gibi, 12, 10 * Self.gibi, 832 * Self.mebi),
            (20 * Self.gibi, 12, 2 * Self.gibi, 832 * Self.mebi),
            (10 * Self.gibi, 12, Self.gibi, 512 * Self.mebi),
            (Self.gibi, 12, 256 * Self.mebi, 128 * Self.mebi),
            (Self.gibi, 1, 256 * Self.mebi, 128 * Self.mebi),
        ]
        for row in rows {
            let watch = watch(total: row.total, partitions: row.partitions)
            #expect(watch.warnBytes == row.warn, "\(row)")
            #expect(watch.stopBytes == row.stop, "\(row)")
        }
    }

    @Test func settingsComeFirst() {
        let watch = watch(total: 20 * Self.gibi, partitions: 4, warn: 5 << 30, stop: 0)
        #expect(watch.warnBytes == 5 * Self.gibi)
        #expect(watch.stopBytes == 0)
        #expect(watch.verdict(DiskSpace(totalBytes: 20 * Self.gibi, freeBytes: 0)) == .low)
    }

    @Test func theWarningComesBeforeTheStop() {
        let watch = watch(total: 20 * Self.gibi, partitions: 1)
        func verdict(_ free: Int64) -> DiskWatch.Verdict {
            watch.verdict(DiskSpace(totalBytes: 20 * Self.gibi, freeBytes: free))
        }
        #expect(verdict(watch.warnBytes) == .ample)
        #expect(verdict(watch.warnBytes - 1) == .low)
        #expect(verdict(watch.stopBytes) == .low)
        #expect(verdict(watch.stopBytes - 1) == .exhausted)
        #expect(verdict(0) == .exhausted)
    }
}
