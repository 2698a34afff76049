import Foundation
import Journey
import Kafka
import Telemetry

/// About once a second: notes the time, asks the broker for the end of every partition, and leaves both for the workers.
///
/// It has a handle of its own: on the consumer's the question would wait behind a long poll.
final class Sampler: @unchecked Sendable {
    // Only the sampler's own thread touches what changes; `context` is made of values and of classes that are safe to share.
    private let context: WorkerContext
    private var clockGuard: ClockGuard
    private var lastCount: Int64 = .min
    private var lastSample: Int64 = .min / 2
    private var reader: (any BrokerReader)?
    /// How often the partition count is asked for: it costs a metadata request.
    private static let countMilliseconds: Int64 = 5_000

    init(context: WorkerContext) {
        self.context = context
        clockGuard = ClockGuard(rate: context.time.rate)
    }

    func run() {
        defer { close() }
        while !context.stop.isRequested {
            sample()
            wait()
        }
    }

    /// Takes a sample, if the last one is old enough or another one is asked for.
    func sampleIfDue() {
        let now = context.time.bootMilliseconds
        guard context.samples.takeUrgency() || now - lastSample >= context.configuration.clock.interval.milliseconds
        else { return }
        lastSample = now
        sample()
    }

    func close() {
        reader?.close()
        reader = nil
    }

    private func sample() {
        do {
            let handle = try reader ?? context.broker.makeReader()
            reader = handle
            try sample(handle)
        } catch {
            context.log.warning(
                "no end offsets from the broker; clocks stand until it answers",
                ["why": .text("\(error)")])
        }
    }

    private func sample(_ reader: any BrokerReader) throws {
        let wall = context.time.wall
        let boot = context.time.bootMilliseconds
        if !context.options.acceptsClock { stopOnJump(clockGuard.observe(wall: wall, bootMilliseconds: boot)) }
        let partitions = (0..<Int32(context.partitionCount)).flatMap { partition in
            context.topics.map { TopicPartition($0, partition) }
        }
        let ends = try reader.endOffsets(partitions, timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
        try checkPartitionCount(reader, boot)
        if context.samples.stopped != nil { return }
        var samples: [Int32: EndSample] = [:]
        for partition in 0..<Int32(context.partitionCount) {
            let ofShard = context.topics.compactMap { ends[TopicPartition($0, partition)] }
            guard ofShard.count == context.topics.count else { continue }
            samples[partition] = EndSample(takenAt: wall, bootMilliseconds: boot, ends: ofShard)
        }
        context.board.ends(ends)
        context.samples.publish(samples)
    }

    private func stopOnJump(_ verdict: ClockGuard.Verdict) {
        guard case .jumped(let by) = verdict, context.samples.stopped == nil else { return }
        let error = EngineError(
            .clockGap,
            """
            The wall clock moved by \(by.milliseconds / 1000) s against the machine's own time. No reminder is sent and \
            nothing expires until it has been checked: set the clock right, and start again with `run --accept-clock`.
            """)
        context.samples.stop(error)
        context.log.error("ticks are stopped", ["why": .text(error.message)])
    }

    private func checkPartitionCount(_ reader: any BrokerReader, _ boot: Int64) throws {
        guard boot - Self.countMilliseconds >= lastCount, context.samples.stopped == nil else { return }
        lastCount = boot
        for topic in context.topics {
            let count = try reader.partitionCount(topic, timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
            guard let count, count != context.partitionCount else { continue }
            let error = PartitionCounts.changed(topic, from: context.partitionCount, to: count)
            context.samples.stop(error)
            context.log.error("ticks are stopped", ["why": .text(error.message)])
        }
    }

    private func wait() {
        var left = Int(context.configuration.clock.interval.milliseconds)
        while left > 0 && !context.stop.isRequested && !context.samples.takeUrgency() {
            context.time.pause(milliseconds: min(left, 10), unless: context.stop)
            left -= 10
        }
    }
}

/// The number of partitions of the event topics is part of where every prospect lies.
enum PartitionCounts {
    static func changed(_ topic: String, from: Int, to: Int) -> EngineError {
        EngineError(
            .partitionCountChanged,
            """
            Topic \(topic) has \(to) partitions, but this data directory was made for \(from). With another count every key \
            moves, and a prospect's purchase would be read elsewhere than its opening: no reminder is sent. Way out: let \
            the engine drain, make a new topic with the count you want, and publish to it with a new data directory; \
            `winback recover` says more.
            """)
    }
}
