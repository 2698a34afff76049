import RandomTestSupport

/// The services that publish events, each at its time; some of them in transactions that stay open for a while.
final class Upstream {
    private let cluster: SimulatedCluster
    private let topic: String
    private var left: [Happening]
    /// Transactions and when they end.
    private var open: [(number: Int, until: Int64)] = []
    /// Where each happening lies that was published, by topic partition.
    private(set) var published: [(happening: Happening, appended: Int64, transaction: Int?)] = []

    private var world: World { cluster.world }

    init(cluster: SimulatedCluster, topic: String, _ happenings: [Happening]) {
        self.cluster = cluster
        self.topic = topic
        left = happenings.sorted { ($1.publishedAt, $1.id) < ($0.publishedAt, $0.id) }
    }

    var isDone: Bool { left.isEmpty && open.isEmpty }

    /// Publishes what is due, whether or not the engine runs.
    func work() {
        for transaction in open where transaction.until <= world.wall {
            cluster.end(transaction.number, world.random.chance(60) ? .committed : .aborted)
        }
        open.removeAll { $0.until <= world.wall }
        while let next = left.last, next.publishedAt <= world.wall {
            left.removeLast()
            publish(next)
        }
    }

    private func publish(_ happening: Happening) {
        var transaction: Int?
        if world.random.chance(3) {
            let number = cluster.beginTransaction()
            transaction = number
            open.append((number, world.wall + Int64.random(in: 100...60_000, using: &world.random)))
        }
        let key = Array(happening.prospect.utf8)
        cluster.append(
            SimulatedCluster.Record(
                key: key, value: Array(happening.value.utf8), headers: [], timestamp: world.wall,
                appended: world.wall, transaction: transaction),
            to: cluster.place(of: key, in: topic))
        published.append((happening, world.wall, transaction))
        // A service whose transaction was aborted publishes again.
        if transaction != nil {
            var again = happening
            again.publishedAt = world.wall + 90_000
            let place = left.firstIndex { ($0.publishedAt, $0.id) < (again.publishedAt, again.id) } ?? left.count
            left.insert(again, at: place)
        }
    }

    /// What readers of committed messages see.
    func visible() -> [(happening: Happening, appended: Int64)] {
        published.filter { $0.transaction.map(cluster.isCommitted) ?? true }.map { ($0.happening, $0.appended) }
    }
}

extension SimulatedCluster {
    func isCommitted(_ transaction: Int) -> Bool { transactions[transaction].outcome == .committed }
}
