import Engine
import Foundation
import Journey

/// Winback, a consumer that does nothing, and peers, on the same bytes in the same run: a reminder a day after the last
/// activity unless the order completes, of ten days' events of prospects who are drawn at random.
struct PeerBench {
    let sizes: BenchSizes
    let folder: String
    let bootstrapServers: String
    let peers: [Peer]

    /// So many events a prospect, on average.
    private static let eventsPerProspect = 4
    private static let days: Int64 = 10

    func run(_ report: inout BenchReport) throws {
        let stage = try KafkaStage("peers", bootstrapServers, folder: folder)
        let events = sizes.prospects * Self.eventsPerProspect
        try publish(events, to: stage)
        let bare = Double(events) / (try stage.readBare(events))
        let winback = try runWinback(stage, events)
        report.add(
            Figure(
                "P2", "Winback on the peers' topic, to the last commit of a command", winback.speed, "events/s",
                goal: .ratioAtLeast(0.7), beside: ("the bare consumer", bare), note: "\(winback.commands) commands"))
        for peer in peers {
            let result = try peer.run(stage, events: events)
            report.add(
                Figure(
                    "P2", "Winback, beside \(peer.name)", winback.speed, "events/s", goal: .ratioAtLeast(25),
                    beside: (peer.name, result.speed), note: result.lastLine))
        }
    }

    private func publish(_ events: Int, to stage: KafkaStage) throws {
        var draws = Draws()
        let span = Self.days * 86_400_000
        // Up to now, so that the engine's clock is at the end of the events when it has read them.
        let start = SystemTime().wall - .days(Self.days)
        try stage.publish(events) { index, writer in
            let time = start + Span(milliseconds: Int64(Double(index) / Double(events) * Double(span)))
            let kind: FlatEvents.Kind =
                switch draws.next(below: 100) {
                case 0..<40: .started
                case 40..<65: .updated
                case 65..<85: .paymentAttempted
                default: .completed
                }
            writer.write(kind, person: draws.next(below: sizes.prospects), number: index, at: time)
            // Published now, as a backlog is that was loaded: a peer whose clock is the newest message's need not go
            // through ten days of ticks.
            return SystemTime().wall
        }
    }

    /// Counts everything up to the last command: those of journeys that are due at the end of the topic are decided
    /// when it has been read, whatever their age.
    private func runWinback(_ stage: KafkaStage, _ events: Int) throws -> (speed: Double, commands: Int) {
        let data = stage.freshData("peer-data")
        defer { try? FileManager.default.removeItem(atPath: data) }
        let configuration = try FlatEvents.configuration(
            data: data, names: stage.names, group: stage.names.prefix, maxLateness: "\(Self.days)d")
        let run = try EngineRun(configuration)
        let began = Stopwatch.now
        try run.waitForCommit(of: events)
        try run.waitForTick()
        try run.stop()
        guard let last = run.commits.lastCommittedAt, run.commits.messages > 0 else {
            throw BenchError("the engine published nothing")
        }
        return (Double(events) / (last - began), run.commits.messages)
    }
}
