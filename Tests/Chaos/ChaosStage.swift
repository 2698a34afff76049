import Foundation
import Kafka
import KafkaTestSupport

/// All that a run has started: a broker, the proxy before it, the oracle with its load, and one Winback.
final class ChaosStage {
    static let partitions: Int32 = 3
    static let waitMilliseconds = 1500
    static let latenessMilliseconds = 500
    static let sessionSeconds = 6.0
    /// Of Winbacks that have ended; older ones are deleted, unless something goes wrong.
    private static let keptLogs = 40
    private static let diskMebibytes = 1536

    let folder: URL
    let broker: RealBroker
    let proxy: KafkaProxy
    let oracle: Witness
    /// Where the data directory lies, if a disk can be mounted.
    let disk: SmallDisk?
    private(set) var data: URL
    private(set) var engine: EngineProcess!
    private var startCount = 0
    private var directoryCount = 0

    init(_ settings: ChaosSettings) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("winback-chaos-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        (broker, proxy) = try RealBroker.behindProxy(settings: Self.brokerSettings)
        oracle = try Witness(bootstrapServers: broker.bootstrapServers, script: "Tests/Chaos/oracle.py")
        disk =
            SmallDisk.isAvailable
            ? try SmallDisk(at: folder.appendingPathComponent("disk"), mebibytes: Self.diskMebibytes) : nil
        data = (disk?.folder ?? folder).appendingPathComponent("data-0")
        do { try open(settings) } catch {
            close(keeping: false)
            throw error
        }
    }

    private func open(_ settings: ChaosSettings) throws {
        let topics = (
            events: try broker.makeTopic("events", partitions: Self.partitions),
            reminders: try broker.makeTopic("reminders", partitions: Self.partitions),
            deadLetters: try broker.makeTopic("dead-letters")
        )
        try Data(configuration(topics.events, topics.reminders, topics.deadLetters).utf8).write(to: configurationFile)
        try restart()
        // A policy acts on what happens from its activation on.
        try engine.waitUntilRunning()
        try oracle.ask(
            "start",
            [
                "events": topics.events, "reminders": topics.reminders, "deadLetters": topics.deadLetters,
                "partitions": Int(Self.partitions), "rate": settings.rate, "wait": Self.waitMilliseconds,
                "lateness": Self.latenessMilliseconds, "seed": Int(settings.seed % (1 << 53)),
            ])
    }

    /// A broker that comes back is not let in before the session of the one that was killed has ended: usually nine seconds.
    /// Much less, and a slow disk makes a controller put its only broker out and in again.
    private static let brokerSettings = ["broker.session.timeout.ms=5000", "broker.heartbeat.interval.ms=500"]

    private var configurationFile: URL { folder.appendingPathComponent("winback.yaml") }

    private func configuration(_ events: String, _ reminders: String, _ deadLetters: String) -> String {
        """
        kafka:
          bootstrap.servers: 127.0.0.1:\(proxy.port)
          consumer.session.timeout.ms: \(Int(Self.sessionSeconds * 1000))
          consumer.heartbeat.interval.ms: 500
        topics:
          events: \(events)
          reminders: \(reminders)
          deadLetters: \(deadLetters)
        clock: {lateness: \(Self.latenessMilliseconds)ms, interval: 200ms}
        templates: [first-mail]
        policies:
          - name: lead
            opensOn: [sales-lead.created]
            convertsOn: [policy.issued]
            anchor: opened
            steps: [{after: PT\(Double(Self.waitMilliseconds) / 1000)S, template: first-mail}]

        """
    }

    /// A write that a limit refuses is to fail as one on a full disk does, and not to end the process by a signal.
    private static let launcher = ["/bin/sh", "-c", #"trap "" XFSZ; exec "$@""#, "sh"]

    /// Starts a Winback besides the one that works.
    func start(data: URL, _ arguments: [String] = []) throws -> EngineProcess {
        startCount += 1
        try? FileManager.default.removeItem(at: log(startCount - Self.keptLogs))
        return try EngineProcess(
            arguments: ["--config", configurationFile.path, "--data", data.path] + arguments,
            logFile: log(startCount), witness: oracle, launcher: Self.launcher)
    }

    private func log(_ number: Int) -> URL { folder.appendingPathComponent("winback-\(number).log") }

    /// Starts the Winback that works, once the one before has ended.
    func restart(_ arguments: [String] = []) throws { engine = try start(data: data, arguments) }

    func killAndRestart(_ arguments: [String] = []) throws {
        engine.kill()
        try restart(arguments)
    }

    /// A copy of the data directory, as it is now.
    func copyData() throws -> URL {
        directoryCount += 1
        let copy = data.deletingLastPathComponent().appendingPathComponent("data-\(directoryCount)")
        try ExternalProgram.run("cp", ["-a", data.path, copy.path], input: URL(fileURLWithPath: "/dev/null"))
        return copy
    }

    /// From now on another Winback is the one that works, on another data directory.
    func replace(by successor: EngineProcess, on copy: URL) throws {
        try FileManager.default.removeItem(at: data)
        (engine, data) = (successor, copy)
    }

    func verdict(_ question: String = "state", _ request: [String: Any] = [:]) throws -> Verdict {
        Verdict(try oracle.ask(question, request))
    }

    /// Ends and removes everything, or keeps what tells of a failure.
    func close(keeping isKept: Bool) {
        engine?.kill()
        if isKept {
            let log = broker.directory.appendingPathComponent("broker.log")
            try? FileManager.default.copyItem(at: log, to: folder.appendingPathComponent("broker.log"))
            if disk != nil {
                try? ExternalProgram.run(
                    "cp", ["-a", data.path, folder.path], input: URL(fileURLWithPath: "/dev/null"))
            }
        }
        oracle.close()
        abandon(keeping: isKept)
    }

    /// What does not end by itself when this process does; from any thread.
    func abandon(keeping isKept: Bool) {
        proxy.close()
        broker.remove()
        disk?.unmount()
        if !isKept { try? FileManager.default.removeItem(at: folder) }
    }
}
