import Journal
import Journey

/// The shard's part in destroying records: it says whose once that is committed, and journals what has been done.
extension Shard {
    /// What the destroyer is to be told: facts of confirmed frames alone, because an abort may still cut the others.
    func takeConfirmedDestructions() -> [ProspectKey: Destruction] {
        if untoldDestructions.isEmpty { return [:] }
        let confirmed = journal.confirmed.position
        var told: [ProspectKey: Destruction] = [:]
        untoldDestructions.removeAll { prospect in
            guard let destruction = fold.destructions[prospect] else { return true }
            guard destruction.frame < confirmed else { return false }
            told[prospect] = destruction
            return true
        }
        return told
    }

    /// Journals that a prospect's records have been destroyed. Where more is asked for since then, that is still to come,
    /// and nothing is said.
    ///
    /// - Returns: the erasures that it was destroyed for, with its records.
    func noteDestroyed(_ destroyed: DestroyedRecords, at time: Instant) throws -> [EngineStatus.FinishedErasure] {
        let (prospect, before) = (destroyed.prospect, destroyed.before)
        guard let pending = fold.destructions[prospect], pending.before <= before else { return [] }
        try writeDestroyed(prospect, before: before, at: time)
        fold.destructions.settle(prospect, before: before, at: time)
        try sealIfLarge()
        return pending.erasures.map {
            EngineStatus.FinishedErasure(
                partition: partition, topic: $0.topic, offset: $0.offset, records: destroyed.count)
        }
    }
}

extension ShardFold {
    /// Per topic: the offset of the oldest erasure whose data is still to be destroyed.
    var erasing: [Int64?] {
        let destructions = destructions
        return nextOffsets.indices.map { destructions.lowestErasure(topic: UInt8(truncatingIfNeeded: $0)) }
    }
}
