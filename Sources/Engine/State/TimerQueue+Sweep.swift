extension TimerQueue {
    /// Records that no longer match are dropped when they come up, which may be in months. So that they do not pile up
    /// until then, a few are looked for at each push as long as there are more records than this and two per prospect.
    static let toleratedCount = 8192
    /// Empty lists that one sweep passes at most.
    static let sweptLists = 64

    /// Drops the records of one block that no longer match. The next call goes on behind it.
    mutating func sweep(_ heap: borrowing BlobHeap) {
        var passed = 0
        while sweepBlock == 0 {
            if passed == Self.sweptLists { return }
            passed += 1
            sweepList = (sweepList + 1) % Self.listCount
            sweepBlock = heads[sweepList]
        }
        let block = sweepBlock
        forget(filter(block, heap), from: sweepList)
        let next = address(block).load(as: UInt32.self)
        if next != 0, recordCount(block) + recordCount(next) <= Self.recordsPerBlock {
            merge(next, into: block)
        } else {
            if next == 0, recordCount(block) == 0, heads[sweepList] == block {
                heads[sweepList] = release(block)
            }
            sweepBlock = next
        }
    }

    /// Keeps the records that match and says how many did not.
    private func filter(_ block: UInt32, _ heap: borrowing BlobHeap) -> Int {
        let records = address(block) + 8
        let count = Int(recordCount(block))
        var kept = 0
        for index in 0..<count {
            let record = records.load(fromByteOffset: index * 8, as: UInt64.self)
            guard let blob = heap.slotIfAny(UInt32(truncatingIfNeeded: record)),
                ProspectBlob.queued(UnsafeRawPointer(blob)) == UInt32(truncatingIfNeeded: record >> 32)
            else { continue }
            records.storeBytes(of: record, toByteOffset: kept * 8, as: UInt64.self)
            kept += 1
        }
        address(block).storeBytes(of: UInt32(kept), toByteOffset: 4, as: UInt32.self)
        return count - kept
    }

    /// Takes over the records of the block that follows, which is then free.
    private mutating func merge(_ next: UInt32, into block: UInt32) {
        let (count, added) = (recordCount(block), recordCount(next))
        (address(block) + 8 + Int(count) * 8).copyMemory(from: address(next) + 8, byteCount: Int(added) * 8)
        address(block).storeBytes(of: count + added, toByteOffset: 4, as: UInt32.self)
        let following = release(next)
        address(block).storeBytes(of: following, as: UInt32.self)
    }
}
