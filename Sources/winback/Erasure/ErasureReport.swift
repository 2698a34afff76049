import Audit
import Engine
import Journey
import Terminal

/// Which erasures are outstanding in a data directory and what holds them up, and which were done last.
struct ErasureReport {
    private let source: AuditSource

    /// Of each partition so many that are done.
    private static let doneLimit = 16

    init(_ source: AuditSource) { self.source = source }

    /// - Returns: 0 where nothing is outstanding.
    func write() throws -> ExitCode {
        let isRunning = RunningEngine(dataDirectory: source.directory.path) == .running
        let now = source.status?.writtenAt ?? 0
        var table = Table(
            [
                Table.Column("partition"), Table.Column("topic"), Table.Column("offset"),
                Table.Column("asked", "Asked for (UTC)"), Table.Column("state"), Table.Column("records"),
                Table.Column("destroyed", "Destroyed (UTC)"), Table.Column("held_up_by", "Held up by"),
            ], format: Screen.output.isTerminal ? .aligned : .tsv, now: now)
        var outstanding = 0
        for partition in try source.partitions() {
            let state = try JournalState(
                source.directory, partition: partition,
                confirmedPosition: source.status?.partitions.first { $0.partition == partition }?.confirmedPosition ?? 0
            )
            for erasure in state.outstandingErasures {
                outstanding += 1
                table.append(
                    row(partition, erasure, "outstanding", .yellow, heldUp(erasure, partition, isRunning: isRunning)))
            }
            for erasure in state.finishedErasures.suffix(Self.doneLimit) {
                table.append(row(partition, erasure, "done", .green, nil))
            }
        }
        table.finish()
        return outstanding == 0 ? .ok : .temporary
    }

    private func row(
        _ partition: Int32, _ erasure: JournalState.Erasure, _ state: String, _ style: Style, _ heldUp: String?
    ) -> [Cell] {
        [
            .number(partition), .text(source.topicName(erasure.topic)), .number(erasure.offset),
            .time(erasure.time.milliseconds), .text(state, style: style), records(partition, erasure),
            .time(erasure.destroyedAt?.milliseconds), .text(heldUp, style: .yellow),
        ]
    }

    /// As far as the engine that did it has said.
    private func records(_ partition: Int32, _ erasure: JournalState.Erasure) -> Cell {
        let told = source.status?.destruction?.finished.last {
            ($0.partition, $0.topic, $0.offset) == (partition, erasure.topic, erasure.offset)
        }
        return told.map { .number($0.records) } ?? .none
    }

    private func heldUp(_ erasure: JournalState.Erasure, _ partition: Int32, isRunning: Bool) -> String {
        if !isRunning { return "no engine runs: its next start does it" }
        if let known = source.status?.destruction?.heldUp.last(where: { $0.partition == partition }) {
            return known.why
        }
        return erasure.isConfirmed ? "it is being destroyed" : "what was decided of it is not committed yet"
    }
}
