import Journey
import Kafka
import Telemetry

extension Session {
    /// Joins the group and waits for the assignment, however long the broker is away.
    func join() throws -> [Int32] {
        try GroupCheck(context: context).requireAlone(reader, formerMemberID: formerMemberID)
        hasSubscribed = true
        try consumer.subscribe()
        while true {
            try requireNotStopped()
            try consumer.poll(into: batch, maximum: WorkerLimits.pollMessages, timeoutMilliseconds: 100)
            if case .assigned(let assigned) = consumer.takeRebalance() {
                memberID = consumer.memberID
                return try accept(assigned)
            }
            reportConnection(while: "joining group \(context.configuration.group)")
        }
    }

    /// Without a topic that carries the journal an instance needs every partition: what another member folds is in that
    /// member's journal alone.
    private func accept(_ assigned: [TopicPartition]) throws -> [Int32] {
        var expected = Set<TopicPartition>()
        for topic in context.topics {
            for partition in 0..<Int32(context.partitionCount) { expected.insert(TopicPartition(topic, partition)) }
        }
        let missing = expected.subtracting(assigned)
        guard missing.isEmpty else {
            throw EngineError(
                .assignmentIncomplete,
                """
                Group \(context.configuration.group) gave this instance \(assigned.count) of \(expected.count) partitions; \
                missing are \(missing.sorted().prefix(8).map(\.description).joined(separator: ", ")). Another consumer is a \
                member of the group. One instance owns all partitions: stop the other member, or give it another `group`.
                """)
        }
        return (0..<Int32(context.partitionCount)).map { $0 }
    }

    /// Ends whatever an earlier incarnation left open under our `transactional.id`, and fences it.
    func initTransactions() throws {
        while true {
            try requireNotStopped()
            do {
                try producer.initTransactions(timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
                return
            } catch let error as KafkaError where error.isRetriable || error.code == .timedOut {
                context.log.warning(
                    "waiting for the transaction coordinator",
                    ["why": .text(error.message)])
            }
            // The group must see this member alive meanwhile. Nothing is assigned yet, so no message can arrive.
            try consumer.poll(into: batch, maximum: 1, timeoutMilliseconds: 0)
        }
    }

    func reportConnection(while doing: String) {
        switch consumer.connection {
        case .good: break
        case .degraded(let reason), .unreachable(let reason):
            context.log.warning(
                "no broker answers; trying on, nothing is lost",
                ["while": .text(doing), "why": .text(reason)])
        }
    }

    /// Asks the broker again until it answers or a stop is asked for.
    func insist<R>(_ doing: String, _ ask: () throws -> R) throws -> R {
        while true {
            do { return try ask() } catch let error as KafkaError
                where error.isRetriable || error.code == .timedOut || error.code == .brokerUnavailable
            {
                context.log.warning("asking the broker again", ["while": .text(doing), "why": .text(error.message)])
            }
            try requireNotStopped()
            context.time.pause(milliseconds: WorkerLimits.backoffMilliseconds, unless: context.stop)
        }
    }
}
