import Demo
import Engine
import Foundation
import Journey
import Kafka

/// From a real broker on the same machine to state, journal and committed offsets, exactly once; beside it a consumer
/// that does nothing, on the same topic in the same run, and the same engine without transactions.
struct ThroughputBench {
    let sizes: BenchSizes
    let folder: String
    let bootstrapServers: String

    /// Engines with and without transactions take turns, so often each, and the best of each counts: the machine is
    /// never quite idle.
    private static let rounds = 2

    func run(speed: Bool, transactions: Bool, _ report: inout BenchReport) throws {
        let stage = try KafkaStage("throughput", bootstrapServers, folder: folder, hasLeads: transactions)
        try publish(to: stage)
        if speed { try self.speed(stage, &report) }
        if transactions { try self.transactions(stage, &report) }
    }

    private func publish(to stage: KafkaStage) throws {
        let producer = try PlainProducer(settings: stage.settings)
        defer { producer.close() }
        // It ends now, as what an engine has to catch up with does; what would follow later has just happened.
        let now = SystemTime().wall
        var traffic = sizes.traffic
        traffic.start = now + Span(milliseconds: -BenchTraffic.duration.milliseconds)
        var generator = TrafficGenerator(traffic.settings)
        while generator.advance() {
            try producer.send(
                topic: stage.names.events, key: generator.key, value: generator.value,
                timestampMilliseconds: min(generator.time, now).milliseconds)
        }
        try stage.finish(producer)
    }

    private func speed(_ stage: KafkaStage, _ report: inout BenchReport) throws {
        let bare = try stage.readBare(sizes.events)
        let engine = try runEngine(stage, number: 0, publishesLeads: false, broker: nil)
        let events = Double(sizes.events)
        report.add(Figure("P2", "bare consumer", events / bare, "events/s"))
        report.add(
            Figure(
                "P2", "Kafka -> state -> journal -> commands, exactly once", events / engine.seconds, "events/s",
                goal: .ratioAtLeast(0.7), beside: ("the bare consumer", events / bare)))
    }

    /// Leads are published, so that transactions hold messages from the first event on and not offsets alone.
    private func transactions(_ stage: KafkaStage, _ report: inout BenchReport) throws {
        var (with, without) = (Double.infinity, Double.infinity)
        var messages = 0
        for round in 1...Self.rounds {
            let exactlyOnce = try runEngine(stage, number: round * 2, publishesLeads: true, broker: nil)
            with = min(with, exactlyOnce.seconds)
            messages = exactlyOnce.messages
            let plain = try runEngine(
                stage, number: round * 2 + 1, publishesLeads: true, broker: PlainBroker(settings: stage.settings))
            without = min(without, plain.seconds)
        }
        let events = Double(sizes.events)
        report.add(
            Figure(
                "P8", "with transactions", events / with, "events/s", goal: .ratioAtLeast(0.9),
                beside: ("the same engine without", events / without),
                note: "\(messages) messages published; the best of \(Self.rounds) runs each, in turns"))
    }

    /// - Returns: the time from the moment the engine serves to the commit of the last event, and the messages that
    ///   were committed up to then.
    private func runEngine(
        _ stage: KafkaStage, number: Int, publishesLeads: Bool, broker: (any Broker)?
    ) throws -> (seconds: Double, messages: Int) {
        let data = stage.freshData("throughput-data")
        defer { try? FileManager.default.removeItem(atPath: data) }
        let configuration = try BenchTraffic.configuration(
            data: data, names: stage.names, group: "\(stage.names.prefix)-\(number)", publishesLeads: publishesLeads)
        let run = try EngineRun(configuration, broker: broker)
        let watch = Stopwatch()
        try run.waitForCommit(of: sizes.events)
        let outcome = (seconds: watch.seconds, messages: run.commits.messages)
        try run.stop()
        return outcome
    }
}
