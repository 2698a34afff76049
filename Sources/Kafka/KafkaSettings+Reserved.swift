extension KafkaSettings {
    /// Properties that carry one of Winback's promises, with the reason why they can't be set.
    public static let reserved: [String: String] = {
        let offsets = "offsets are committed in the transaction that holds the commands they led to"
        let delivery = "every command is published exactly once, by an idempotent, transactional producer"
        let group = "the group's name and members follow from the configuration's instance"
        let creation = "topics are made by `winback topics create`, with sound settings"
        return [
            "enable.auto.commit": offsets,
            "auto.commit.enable": offsets,
            "auto.commit.interval.ms": offsets,
            "enable.auto.offset.store": offsets,
            "offset.store.method": offsets,
            "offset.store.path": offsets,
            "offset.store.sync.interval.ms": offsets,
            "auto.offset.reset": "a lost position must stop the start, never skip events or read them again",
            "isolation.level": "events of aborted transactions never happened, and are never read",
            "enable.partition.eof": "the partition clock ticks on reports of a partition's end",
            "partition.assignment.strategy": "shards are assigned by range, so that equal partitions go together",
            "group.id": group,
            "group.instance.id": group,
            "group.protocol": group,
            "group.protocol.type": group,
            "group.remote.assignor": group,
            "enable.idempotence": delivery,
            "enable.gapless.guarantee": delivery,
            "acks": delivery,
            "request.required.acks": delivery,
            "transactional.id": delivery,
            "transaction.timeout.ms": "it bounds how old a reminder's decision may become",
            "message.timeout.ms": "it follows from the transaction's own time limit",
            "delivery.timeout.ms": "it follows from the transaction's own time limit",
            "allow.auto.create.topics": creation,
            "delivery.report.only.error": "every delivery is counted",
            "test.mock.num.brokers": "the embedded broker is the demo's",
        ]
    }()
}
