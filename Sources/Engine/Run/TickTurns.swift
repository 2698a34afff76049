/// Which of a worker's shards tick at a turn: in their order, until enough has been decided. The next turn begins with those
/// that had to wait.
///
/// Events that have been read meanwhile wait for the commit of all that one turn decides, so that is bounded, however many
/// shards there are.
struct TickTurns {
    private var first: Int32 = 0

    /// Lets shards tick once each.
    ///
    /// - Parameters:
    ///   - partitions: of all shards, ascending.
    ///   - limit: how many decisions are enough.
    ///   - tick: says how many actions it has decided.
    /// - Returns: how many were decided in all: less than the limit before the last shard's.
    mutating func turn(
        over partitions: [Int32], limit: Int, _ tick: (_ partition: Int32) throws -> Int
    ) rethrows -> Int {
        var decided = 0
        let start = partitions.firstIndex { $0 >= first } ?? 0
        for partition in partitions[start...] + partitions[..<start] {
            if decided >= limit {
                first = partition
                break
            }
            decided += try tick(partition)
        }
        return decided
    }
}
