import Foundation
import Kafka
import Synchronization

/// A real Kafka broker of the distribution in `KAFKA_HOME`, run by `scripts/kafka` in a temporary folder.
///
/// Tests share one (`shared`); a test that stops its broker starts one of its own. It ends with the test process even
/// when that is killed: the script watches its owner.
public final class RealBroker: @unchecked Sendable {
    public let directory: URL
    public let bootstrapServers: String
    private let options: [String]
    private var topicCount = 0
    private let lock = NSLock()

    /// Whether tests on a real broker can run: otherwise they are skipped by name.
    public static var isAvailable: Bool { !(ProcessInfo.processInfo.environment["KAFKA_HOME"] ?? "").isEmpty }

    private static let started = Result {
        let broker = try RealBroker()
        sharedDirectory = broker.directory
        atexit { RealBroker.sharedDirectory.map(RealBroker.end) }
        return broker
    }
    // Written once, before the hook that reads it is set.
    nonisolated(unsafe) private static var sharedDirectory: URL?

    /// The broker of this test process, started by the first test that asks for it.
    public static var shared: RealBroker { get throws { try started.get() } }

    /// - Parameters:
    ///   - settings: more lines for its `server.properties`.
    ///   - proxyPort: where a proxy listens, whose clients are to stay behind it.
    public init(settings: [String] = [], proxyPort: UInt16? = nil) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("winback-kafka-\(UUID().uuidString)")
        options = settings.flatMap { ["--set", $0] } + (proxyPort.map { ["--proxy", String($0)] } ?? [])
        bootstrapServers = try Self.script(Self.start + options, directory: directory)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A broker behind a proxy of its own.
    public static func behindProxy(settings: [String] = []) throws -> (broker: RealBroker, proxy: KafkaProxy) {
        // The proxy is there first, because the broker has to name its port; its first client comes after both.
        let place = Place()
        let proxy = try KafkaProxy { place.broker.withLock { $0?.portBehindProxy } }
        let broker = try RealBroker(settings: settings, proxyPort: proxy.port)
        place.broker.withLock { $0 = broker }
        return (broker, proxy)
    }

    private static let start = ["start", "--owner", String(ProcessInfo.processInfo.processIdentifier)]

    public var settings: KafkaSettings { KafkaSettings(bootstrapServers: bootstrapServers) }

    /// Stops the broker; its topics stay.
    public func stop() throws { _ = try Self.script(["stop"], directory: directory) }

    /// Starts the broker again, at the same address.
    public func restart() throws { _ = try Self.script(Self.start + options, directory: directory) }

    /// Ends the broker as a crash would; its disk stays as it is.
    public func kill() throws {
        guard let pid = Int32(file("pid")) else { throw TimedOut(description: "no broker runs in \(directory.path)") }
        Foundation.kill(pid, SIGKILL)
        _ = try eventually("the broker is dead") { Foundation.kill(pid, 0) == 0 ? nil : true }
    }

    /// Whether its group coordinator has given up since it was started: Kafka 4.2 does not load a group again whose members
    /// it answered while it was loading it ("must be greater than"), and answers nobody of that group any more.
    public var hasLostGroups: Bool { file("broker.log").contains("Failed to load metadata from __consumer_offsets") }

    /// Whether it may have gone back to an earlier state of its groups since it was started: Kafka 4.2 may load a group twice
    /// when it comes back, and then has members and offsets from before in the place of what came between. Such members
    /// never expire, and such offsets stay until the next commit; loaded once more, it has the right ones.
    public var hasLoadedGroupsTwice: Bool {
        file("broker.log").contains("Ignored load completion from __consumer_offsets")
    }

    private final class Place: Sendable {
        let broker = Mutex<RealBroker?>(nil)
    }

    /// The port behind the proxy, if it was started with one.
    public var portBehindProxy: UInt16? { UInt16(file("behind-proxy")) }

    private func file(_ name: String) -> String {
        let text = try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
        return (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Stops the broker and removes what it wrote.
    public func remove() { Self.end(directory) }

    private static func end(_ directory: URL) {
        _ = try? script(["stop"], directory: directory)
        try? FileManager.default.removeItem(at: directory)
    }

    /// Makes a topic of a name that no other test has.
    public func makeTopic(
        _ name: String = "topic", partitions: Int32 = 1, configs: [String: String] = [:]
    ) throws -> String {
        let number = lock.withLock {
            topicCount += 1
            return topicCount
        }
        let topic = "\(name)-\(number)"
        let admin = try TopicAdmin(settings: settings)
        defer { admin.close() }
        try admin.create(
            [TopicSpec(name: topic, partitions: partitions, configs: configs)], timeoutMilliseconds: 20_000)
        return topic
    }

    /// The repository's folder: this file lies in Tests/Support.
    public static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func script(_ arguments: [String], directory: URL) throws -> String {
        let process = Process()
        process.executableURL = repository.appendingPathComponent("scripts/kafka")
        process.arguments = arguments + ["--dir", directory.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TimedOut(description: "scripts/kafka \(arguments[0]) ended with \(process.terminationStatus)")
        }
        return String(decoding: text, as: UTF8.self)
    }
}
