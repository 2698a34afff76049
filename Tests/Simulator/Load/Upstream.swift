import Kafka

/// The services that publish events, each at its time; some of them in transactions that stay open for a while.
final class Upstream {
    private let cluster: SimulatedCluster
    private let topic: String
    private let identity: PlainConfiguration.Identity
    /// The next one last.
    private var left: [Happening]
    /// Transactions, when they end and how.
    private var open: [(number: Int, until: Int64, isAborted: Bool)] = []
    /// What lies where, by partition and offset.
    private var published: [TopicPartition: [Int: Happening]] = [:]

    init(cluster: SimulatedCluster, topic: String, identity: PlainConfiguration.Identity, _ happenings: [Happening]) {
        self.cluster = cluster
        self.topic = topic
        self.identity = identity
        // In one order, whatever order they were told in.
        left = happenings.enumerated().sorted {
            ($1.element.publishedAt, $1.element.id, $1.offset) < ($0.element.publishedAt, $0.element.id, $0.offset)
        }.map(\.element)
    }

    /// Publishes what is due, whether or not the engine runs.
    func work() {
        let now = cluster.world.wall
        while let happening = left.last, happening.publishedAt <= now {
            left.removeLast()
            end(before: happening.publishedAt)
            publish(happening)
        }
        end(before: now)
    }

    private func end(before time: Int64) {
        for transaction in open where transaction.until <= time {
            cluster.end(transaction.number, transaction.isAborted ? .aborted : .committed)
        }
        open.removeAll { $0.until <= time }
    }

    private func publish(_ happening: Happening) {
        var number: Int?
        if let transaction = happening.transaction {
            let begun = cluster.beginTransaction()
            number = begun
            open.append((begun, happening.publishedAt + transaction.milliseconds, transaction.isAborted))
        }
        let key = Array((happening.key ?? happening.usualKey(identity)).utf8)
        let place = cluster.place(of: key, in: topic)
        published[place, default: [:]][cluster.logs[place]?.count ?? 0] = happening
        cluster.append(
            SimulatedCluster.Record(
                key: key, value: happening.value, headers: [], timestamp: happening.publishedAt,
                appended: cluster.world.wall, transaction: number),
            to: place)
    }

    /// What readers of committed messages see of a partition.
    func visible(_ partition: Int32) -> [Evidence.Message] {
        let place = TopicPartition(topic, partition)
        return (cluster.logs[place] ?? []).enumerated().compactMap { offset, record in
            guard cluster.isVisible(record), let happening = published[place]?[offset] else { return nil }
            return Evidence.Message(offset: Int64(offset), happening: happening, appended: record.appended)
        }
    }
}
