import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Synchronization
import Telemetry

/// The running Winback of one data directory: a worker, the sampler, the snapshot maker and the destroyer, each on a thread of
/// its own.
///
/// `run` returns after `stop` was asked for and everything has been left cleanly, or throws why it could not go on.
public final class Engine: Sendable {
    public let stop = StopSignal()
    public let board = StatusBoard()
    private let configuration: Configuration
    private let options: EngineOptions
    private let broker: any Broker
    private let time: any TimeSource
    private let fileSystem: any FileSystem
    private let log: Log

    public init(
        configuration: Configuration, options: EngineOptions, broker: any Broker, time: any TimeSource,
        fileSystem: any FileSystem, log: Log
    ) {
        self.configuration = configuration
        self.options = options
        self.broker = broker
        self.time = time
        self.fileSystem = fileSystem
        self.log = log
    }

    public func run() throws {
        let directory = try DataDirectory.open(
            configuration.data, fileSystem: fileSystem, random: options.journal.random)
        defer { directory.close() }
        guard try directory.rebuilding().isEmpty else { throw EngineError.rebuildInterrupted(directory.path) }
        let startedAt = time.wall
        guard let found = try findPartitions(directory, startedAt) else { return }
        var context = WorkerContext(
            configuration: configuration, broker: broker, time: time, log: log, directory: directory,
            instance: configuration.instance ?? directory.instance, partitionCount: found.partitionCount,
            messages: found.messages, samples: SampleBoard(), board: board, stop: stop, options: options)
        if let full = watchDisk(found.partitionCount) { throw full }
        if options.hasOneThread {
            let companions = Companions(context: context)
            defer { companions.close() }
            context.companions = companions
            return try Worker(context: context).run()
        }
        try runThreads(context, startedAt)
    }

    private func runThreads(_ context: WorkerContext, _ startedAt: Instant) throws {
        let outcome = Mutex<(any Error)?>(nil)
        var threads = [
            thread("winback-sampler") { Sampler(context: context).run() },
            thread("winback-snapshots") { SnapshotMaker(context: context).run() },
            thread("winback-destroyer") { Destroyer(context: context).run() },
            thread("winback-status") { [self] in
                if let full = publishStatus(context, startedAt) { outcome.withLock { $0 = full } }
            },
        ]
        let worker = thread("winback-worker") {
            do { try Worker(context: context).run() } catch { outcome.withLock { $0 = error } }
        }
        worker.wait()
        // Also after an error: the other threads go with the worker.
        stop.request()
        while let thread = threads.popLast() { thread.wait() }
        board.enter("stopped")
        writeStatus(context, startedAt)
        if let error = outcome.withLock({ $0 }) { throw error }
    }

    /// What the brokers say of the topics.
    private struct Found {
        var partitionCount: Int
        var messages: MessageLimits
    }

    /// The partitions of the event topics, which must be equal, and those that the data directory was made for.
    private func findPartitions(_ directory: DataDirectory, _ startedAt: Instant) throws -> Found? {
        board.enter("waiting for the broker")
        while !stop.isRequested {
            writeStatus(status(configuration.instance ?? directory.instance, startedAt))
            do { return try askPartitions(directory) } catch let error as KafkaError
                where error.isRetriable || error.code == .brokerUnavailable || error.code == .timedOut
            {
                log.warning(
                    "no broker answers; trying on, nothing is lost", ["why": .text(error.message)])
                time.pause(milliseconds: WorkerLimits.backoffMilliseconds, unless: stop)
            }
        }
        return nil
    }

    private func askPartitions(_ directory: DataDirectory) throws -> Found {
        let reader = try broker.makeReader()
        defer { reader.close() }
        let check = TopicCheck(configuration: configuration, reader: reader)
        let count = try check.partitionCount(directory)
        try makeShardFolders(directory, count)
        return Found(partitionCount: count, messages: try MessageLimits.ask(reader, configuration.topics))
    }

    /// The last one first: a start that is interrupted among them leaves the partition count readable.
    private func makeShardFolders(_ directory: DataDirectory, _ count: Int) throws {
        for shard in (0..<Int32(count)).reversed() {
            let path = directory.shardPath(shard)
            if try !fileSystem.exists(path) { try fileSystem.makeDirectory(path, permissions: 0o700) }
        }
        try fileSystem.syncDirectory("\(directory.path)/shards")
    }

    /// Until a stop is asked for, also by itself where the disk is full; then it returns why.
    private func publishStatus(_ context: WorkerContext, _ startedAt: Instant) -> EngineError? {
        var full: EngineError?
        while !stop.isRequested {
            full = watchDisk(context.partitionCount)
            if full != nil { stop.request() }
            writeStatus(context, startedAt)
            time.pause(milliseconds: Self.statusMilliseconds, unless: stop)
        }
        return full
    }

    /// How often the status is written, and the disk asked.
    private static let statusMilliseconds = 500

    /// - Returns: why the engine has to stop, if the disk is full.
    private func watchDisk(_ partitions: Int) -> EngineError? {
        do {
            guard let space = try fileSystem.space(at: configuration.data) else { return nil }
            let watch = DiskWatch(
                warn: configuration.diskWarnBytes, stop: configuration.diskStopBytes, partitions: partitions,
                segmentBytes: options.journal.segmentBytes,
                totalBytes: space.totalBytes)
            board.note(
                EngineStatus.Disk(
                    freeBytes: space.freeBytes, totalBytes: space.totalBytes, warnBelowBytes: watch.warnBytes,
                    stopBelowBytes: watch.stopBytes))
            switch watch.verdict(space) {
            case .ample: return nil
            case .low:
                log.warning(
                    "the disk is nearly full: the engine stops when it is",
                    [
                        "data": .text(configuration.data), "freeBytes": .number(space.freeBytes),
                        "stopBelowBytes": .number(watch.stopBytes),
                    ], limit: .once(per: .seconds(600)))
                return nil
            case .exhausted: return diskFull(space, watch)
            }
        } catch {
            // What cannot be looked up is no reason to stop: the first write that fails is.
            log.warning("the disk can't be asked for its room", ["why": .text("\(error)")])
            return nil
        }
    }

    private func diskFull(_ space: DiskSpace, _ watch: DiskWatch) -> EngineError {
        func mebibytes(_ bytes: Int64) -> String { "\(bytes >> 20) MiB" }
        return EngineError(
            .diskFull,
            """
            The disk of \(configuration.data) has \(mebibytes(space.freeBytes)) left, less than the \
            \(mebibytes(watch.stopBytes)) with which the engine goes on (disk.stopFree). Nothing was lost: what was folded \
            is committed, or will be folded again. Make room on that disk, then start again.
            """)
    }

    private func writeStatus(_ context: WorkerContext, _ startedAt: Instant) {
        var status = status(context.instance, startedAt)
        status.stoppedTicks = context.samples.stopped?.message
        status.destruction = context.destructions.status
        writeStatus(status)
    }

    private func writeStatus(_ status: EngineStatus) {
        do { try status.write(to: configuration.data) } catch {
            log.warning("the status file can't be written", ["why": .text("\(error)")])
        }
    }

    private func status(_ instance: String, _ startedAt: Instant) -> EngineStatus {
        EngineStatus(
            version: Winback.version, librdkafka: KafkaRuntime.librdkafkaVersion,
            processID: ProcessInfo.processInfo.processIdentifier, instance: instance,
            group: configuration.group,
            startedAt: startedAt.milliseconds, writtenAt: time.wall.milliseconds, phase: board.phase,
            disk: board.disk, partitions: board.partitions, oddities: board.oddities)
    }

    private func thread(_ name: String, _ body: @escaping @Sendable () -> Void) -> JoinableThread {
        let thread = JoinableThread(name: name, body)
        thread.start()
        return thread
    }
}

/// What this program calls itself.
public enum Winback {
    public static let version = "0.1.0"
}

extension Configuration {
    /// CloudEvents `source` of every command.
    public var commandSource: String { "winback/\(group)" }
    /// Where the brokers are, for messages.
    var bootstrapServers: String { kafka.last { $0.name == "bootstrap.servers" }?.value ?? "the configured brokers" }
}
