import Engine
import Terminal

/// An engine's status for people: who and since when, then a row for each partition of each topic.
struct StatusReport {
    let status: EngineStatus
    let running: RunningEngine
    let directory: String
    /// Text on a terminal, rows alone where a program reads.
    var screen = Screen.output

    func write() {
        if screen.isTerminal { writeHeading() }
        var columns = [
            Table.Column("partition"), Table.Column("topic"), Table.Column("offset"), Table.Column("end"),
            Table.Column("clock", "Clock (UTC)"), Table.Column("held_back_by", "Held back by"),
            Table.Column("last_commit", "Last commit"), Table.Column("prospects"), Table.Column("waiting"),
            Table.Column("overdue"), Table.Column("reminders"),
        ]
        if hidesTopic { columns.remove(at: 1) }
        var table = Table(
            columns, format: screen.isTerminal ? .aligned : .tsv, now: status.writtenAt, screen: screen)
        for partition in status.partitions {
            for topic in partition.topics {
                var row = row(partition, topic)
                if hidesTopic { row.remove(at: 1) }
                table.append(row)
            }
        }
        table.finish()
    }

    /// A person whose lines are short needs no column that says the same in each row.
    private var hidesTopic: Bool { screen.isTerminal && status.partitions.allSatisfy { $0.topics.count == 1 } }

    private func row(_ partition: EngineStatus.Partition, _ topic: EngineStatus.Topic) -> [Cell] {
        [
            .number(partition.partition), .text(topic.name), .number(topic.offset),
            topic.end.map { .number($0) } ?? .none, .time(partition.clock),
            .text(partition.heldBackBy, style: partition.heldBackBy == nil ? nil : .yellow),
            .relativeTime(partition.lastCommitAt),
            .number(partition.prospects), .number(partition.waiting),
            .number(partition.overdue, style: partition.overdue > 0 ? .yellow : nil), .number(partition.reminders),
        ]
    }

    private func writeHeading() {
        let since = TimeText.relative(status.startedAt, now: status.writtenAt)
        let state =
            switch running {
            case .running: screen.styled(status.phase, .green) + ", process \(status.processID), started \(since)"
            case .silent:
                screen.styled("not answering", .red)
                    + ": process \(status.processID) has written no status for more than "
                    + "\(Int(RunningEngine.silenceSeconds)) seconds; what follows is old"
            case .stopped:
                screen.styled("not running", .red) + ": what follows is how it was left, at "
                    + "\(TimeText.readable(status.writtenAt)) UTC"
            }
        screen.line("Engine     \(state)")
        screen.line("Instance   \(status.instance) in group \(status.group), data in \(directory)")
        screen.line("Versions   winback \(status.version), librdkafka \(status.librdkafka)")
        if let disk = status.disk {
            let text = "\(NumberText.bytes(disk.freeBytes)) free of \(NumberText.bytes(disk.totalBytes))"
            let advice = ": nearly full, the engine stops below \(NumberText.bytes(disk.stopBelowBytes))"
            screen.line("Disk       \(disk.isLow ? screen.styled(text + advice, .yellow) : text)")
        }
        if let reason = status.stoppedTicks { screen.line(screen.styled("No clock ticks: \(reason)", .red)) }
        for held in status.destruction?.heldUp ?? [] {
            screen.line(screen.styled("Erasures   partition \(held.partition) is held up: \(held.why)", .red))
        }
        func sum(_ counter: (EngineStatus.Partition) -> UInt64) -> String {
            NumberText.grouped(Int64(status.partitions.reduce(0) { $0 + counter($1) }))
        }
        screen.line(
            "Since then \(sum(\.events)) events, \(sum(\.opened)) journeys opened, \(sum(\.converted)) converted, "
                + "\(sum(\.skipped)) reminders skipped")
        screen.line("           \(sum(\.deadLetters)) dead letters, \(sum(\.unusableAddresses)) unusable addresses")
        writeOddities(status.oddities ?? EngineStatus.Oddities())
        screen.line()
    }

    private func writeOddities(_ oddities: EngineStatus.Oddities) {
        func warn(_ count: UInt64, _ what: String) {
            guard count > 0 else { return }
            screen.line(screen.styled("           \(NumberText.grouped(Int64(count))) \(what)", .yellow))
        }
        warn(oddities.foreignKeys, "events that end reminders have another key than their prospect's identity")
        warn(
            oddities.strays,
            "events lie in another partition than \(oddities.partitioner ?? "one partitioner") puts their keys")
        warn(oddities.withoutID, "events name their prospect by the address only, others by an id")
    }
}
