import Journey

extension JournalState {
    /// An event that erased somebody, in this shard.
    public struct Erasure: Sendable, Equatable {
        /// Its topic's place in `topics.events`, its offset, and its own time.
        public var topic: UInt8
        public var offset: Int64
        public var time: Instant
        /// Of how many prospects data is still to be destroyed; 0 when it is done.
        public var prospects = 0
        public var destroyedAt: Instant?
        /// Whether the commit of what was decided from it is known to have succeeded: before that nothing is destroyed.
        public var isConfirmed = true
    }

    /// Erasures whose data is still to be destroyed, the oldest first.
    public var outstandingErasures: [Erasure] {
        var erasures: [Erasure] = []
        for (_, destruction) in destructions.erased {
            for place in destruction.erasures {
                let known = erasures.firstIndex { $0.topic == place.topic && $0.offset == place.offset }
                var erasure =
                    known.map { erasures[$0] } ?? Erasure(topic: place.topic, offset: place.offset, time: place.time)
                erasure.prospects += 1
                erasure.isConfirmed = erasure.isConfirmed && destruction.frame < confirmedPosition
                if let known { erasures[known] = erasure } else { erasures.append(erasure) }
            }
        }
        return erasures.sorted { ($0.time, $0.offset) < ($1.time, $1.offset) }
    }

    /// The newest erasures that are done, the oldest of them first.
    public var finishedErasures: [Erasure] {
        destructions.done.map {
            Erasure(
                topic: $0.erasure.topic, offset: $0.erasure.offset, time: $0.erasure.time, destroyedAt: $0.destroyedAt)
        }
    }

    /// Prospects whose retention has ended, and whose data is still to be destroyed.
    public var outstandingExpiries: Int { destructions.expired.count }
}
