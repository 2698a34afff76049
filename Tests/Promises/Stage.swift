import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// What one promise is tried on: topics and a group of its own, a configuration, a data directory, and a witness.
final class Stage {
    struct Settings {
        var partitions: Int32 = 2
        /// The wait of the one step of policy `lead`, which `sales-lead.created` opens and `policy.issued` ends.
        var wait = "2s"
        /// Small, so that a refusal and a change of the group's offsets need not wait long for the engine's session to end.
        var sessionMilliseconds = 6000
        var deadLetterConfigs: [String: String] = [:]
        var makesTopics = true
        /// Whether what happens to leads is published.
        var publishesLeads = false
        /// Of the configuration: more keys of `topics`, and more at its top.
        var topicSettings = ""
        var more = ""
        /// Policies instead of `lead` and `checkout`, in the configuration's list.
        var policies: String?
        /// Whether there is a second event topic, `orders`.
        var hasOrders = false
    }

    let broker: RealBroker
    let witness: Witness
    let folder: URL
    let events, reminders, deadLetters, leads, group: String
    /// The second event topic, where there is one.
    let orders: String?
    var partitions: Int32 { settings.partitions }
    private var settings: Settings
    private var engineCount = 0
    private var engines: [EngineProcess] = []

    /// As many stages at a time as a machine of two cores can play without making every deadline a guess.
    private static let slots = DispatchSemaphore(value: 5)

    /// Plays on a thread of its own, since a play waits a lot; ends everything that it started, also when it throws.
    static func play(
        _ settings: Settings = Settings(), broker: RealBroker? = nil, _ body: @escaping @Sendable (Stage) throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(threads) {
            try await perform(settings, broker, body)
        }
    }

    /// The same task all the way, so that what fails is reported for the test that it failed in.
    private static func perform(
        _ settings: Settings, _ broker: RealBroker?, _ body: @Sendable (Stage) throws -> Void
    ) async throws {
        try inSlot {
            let stage = try Stage(settings, broker: broker ?? .shared)
            defer { stage.close() }
            try body(stage)
        }
    }

    private static func inSlot(_ body: () throws -> Void) rethrows {
        slots.wait()
        defer { slots.signal() }
        try body()
    }

    private static let threads = Threads()

    /// Gives every piece of work a thread of its own: the ones that tasks share are as few as processors.
    private final class Threads: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            Thread.detachNewThread { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    private init(_ settings: Settings, broker: RealBroker) throws {
        self.settings = settings
        self.broker = broker
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("winback-stage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        witness = try Witness(bootstrapServers: broker.bootstrapServers)
        if settings.makesTopics {
            events = try broker.makeTopic("events", partitions: settings.partitions)
            reminders = try broker.makeTopic("reminders", partitions: settings.partitions)
            deadLetters = try broker.makeTopic("dead-letters", configs: settings.deadLetterConfigs)
            leads =
                settings.publishesLeads ? try broker.makeTopic("leads", partitions: settings.partitions) : "no-leads"
        } else {
            (events, reminders, deadLetters, leads) = ("no-events", "no-reminders", "no-dead-letters", "no-leads")
        }
        orders = settings.hasOrders ? try broker.makeTopic("orders", partitions: settings.partitions) : nil
        group = "group-\(UUID().uuidString.prefix(8))"
        try Data(configuration.utf8).write(to: configurationFile)
    }

    private func close() {
        for engine in engines { engine.kill() }
        witness.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Writes the configuration anew, with another wait.
    func change(wait: String) throws {
        settings.wait = wait
        try Data(configuration.utf8).write(to: configurationFile)
    }

    var configurationFile: URL { folder.appendingPathComponent("winback.yaml") }
    var data: URL { folder.appendingPathComponent("data") }

    /// Short waits, and a clock that is quick to follow.
    private var configuration: String {
        """
        kafka:
          bootstrap.servers: \(broker.bootstrapServers)
          consumer.session.timeout.ms: \(settings.sessionMilliseconds)
          consumer.heartbeat.interval.ms: 300
        group: \(group)
        topics:
          events: [\(([events] + [orders].compactMap { $0 }).joined(separator: ", "))]
          reminders: \(reminders)
          deadLetters: \(deadLetters)
        \(leadsSetting)
        \(settings.topicSettings)
        \(settings.more.replacingOccurrences(of: "ORDERS", with: orders ?? ""))
        clock: {lateness: \(Self.latenessMilliseconds)ms, interval: 200ms}
        templates: [first-mail, second-mail]
        policies:
        \(settings.policies ?? policies)

        """
    }

    private var policies: String {
        """
          - name: lead
            opensOn: [sales-lead.created]
            convertsOn: [policy.issued]
            anchor: opened
            steps: [{after: \(settings.wait), template: first-mail}]
            command: {campaign: winback, tags: [lead], fields: {first_name: {from: /data/prospect/firstName, fallback: there}}}
          - name: checkout
            opensOn: [checkout.started]
            convertsOn: [checkout.completed]
            steps: [{after: 1s, template: first-mail}, {after: 1s, from: previous, template: second-mail}]
        """
    }

    private var leadsSetting: String { settings.publishesLeads ? "  leads: \(leads)" : "" }

    static let latenessMilliseconds = 500

    /// What starts the engines in its own place.
    var launcher: [String] = []

    /// Starts `winback run`; `data` names another data directory than the stage's own.
    func start(data: URL? = nil, _ arguments: [String] = []) throws -> EngineProcess {
        engineCount += 1
        let engine = try EngineProcess(
            arguments: ["--config", configurationFile.path, "--data", (data ?? self.data).path] + arguments,
            logFile: folder.appendingPathComponent("engine-\(engineCount).log"), witness: witness, launcher: launcher)
        engines.append(engine)
        return engine
    }

    /// Starts another command than `run`.
    func start(command: [String]) throws -> EngineProcess {
        engineCount += 1
        let process = try EngineProcess(
            command, arguments: ["--config", configurationFile.path, "--set", "data=\(data.path)"],
            logFile: folder.appendingPathComponent("command-\(engineCount).log"), witness: witness, launcher: launcher)
        engines.append(process)
        return process
    }

    /// Runs another command than `run` at a terminal, and answers its question.
    func ask(command: [String], question: String, answer: String) throws -> (code: Int, said: String) {
        let program = try EngineProcess.program.path
        let words = [program] + command + ["--config", configurationFile.path, "--set", "data=\(data.path)"]
        let reply = try witness.ask("at_terminal", ["command": words, "question": question, "answer": answer])
        return (try #require(reply["code"] as? Int), try #require(reply["said"] as? String))
    }

    /// Starts it and waits until it folds events.
    func run() throws -> EngineProcess {
        let engine = try start()
        try engine.waitUntilRunning()
        return engine
    }

    /// Starts it and expects that it refuses, with this code and these words.
    func expectRefusal(code: Int32, _ words: [String], data: URL? = nil, _ arguments: [String] = []) throws {
        let engine = try start(data: data, arguments)
        let ended = try engine.exitCode(within: 40)
        let log = engine.log
        #expect(ended == code, "\(log.suffix(2000))")
        for word in words { #expect(log.contains(word), "no `\(word)` in: \(log.suffix(2000))") }
    }

    func publish(_ events: [Event]) throws { try witness.produce(self.events, events.map(\.structured)) }

    /// The prospects that were reminded, in the order of reading; waits for `count` reminders.
    func reminded(count: Int = 0) throws -> [String] {
        try witness.read(reminders, count: count).map(Self.prospect)
    }

    /// Until the engine says in its status that it has folded so many events since it was started.
    func waitUntilFolded(_ count: Int) throws {
        _ = try eventually("\(count) folded events", within: 60) {
            guard let folded = try? self.count("events") else { return nil as Bool? }
            return folded >= count ? true : nil
        }
    }

    /// The sum of one of the counters in the engine's status.
    func count(_ counter: String) throws -> Int {
        let status = try Data(contentsOf: data.appendingPathComponent("status.json"))
        let object = try JSONSerialization.jsonObject(with: status) as? [String: Any]
        let partitions = try #require(object?["partitions"] as? [[String: Any]])
        return partitions.compactMap { $0[counter] as? Int }.reduce(0, +)
    }

    /// Every partition's clock has passed this moment, so everything due before it has been decided. One more person per
    /// partition, who does not buy, is the proof. Now is another time for engines with another wall clock.
    func waitUntilAllBeforeNowIsDecided(_ now: Date = Date()) throws -> Set<String> {
        let marks = (0..<Int(settings.partitions)).map { (partition: $0, name: "mark-\($0)-\(UUID().uuidString)") }
        try witness.produce(
            events,
            marks.map { mark in
                var message = Event(type: "sales-lead.created", prospect: mark.name, time: now).structured
                message.partition = mark.partition
                return message
            })
        let names = Set(marks.map(\.name))
        _ = try eventually("reminders of \(names)", within: 60, every: 0.3) {
            names.isSubset(of: try reminded()) ? true : nil
        }
        return names
    }

    static func prospect(_ command: Message) -> String {
        let data = command.json["data"] as? [String: Any]
        return (data?["prospect"] as? [String: Any])?["id"] as? String ?? "none"
    }
}
