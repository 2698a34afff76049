import Synchronization
import Terminal

/// The structured log: one event, one line, on standard error. Readable on a terminal, JSON otherwise.
///
/// Usable from any thread and under any lock: it only queues. Fields that belong to a part of the program are given
/// once: `log.with(["shard": 3])`. A message is a constant, what varies goes into fields; so equal messages can be
/// counted instead of repeated.
public struct Log: Sendable {
    /// How long ``flush(timeout:)`` waits for a reader that has stopped reading.
    public static let flushTimeout = Duration.seconds(2)

    /// What all copies of a log share.
    private final class Shared: Sendable {
        let writer: LogWriter
        let level: LogLevel
        let clock: LogClock
        let throttle = Mutex(LogThrottle())

        init(writer: LogWriter, level: LogLevel, clock: LogClock) {
            self.writer = writer
            self.level = level
            self.clock = clock
        }
    }

    private let shared: Shared?
    private var fields: [(name: String, value: LogValue)] = []

    /// - Parameter level: lines below it are not written.
    public init(level: LogLevel = .info, screen: Screen = .errors, clock: LogClock = .system) {
        shared = Shared(writer: LogWriter(screen: screen), level: level, clock: clock)
    }

    private init() { shared = nil }

    /// Writes nothing.
    public static let silent = Log()

    /// The same log with fields that each of its lines carries.
    public func with(_ fields: KeyValuePairs<String, LogValue>) -> Log {
        var copy = self
        copy.fields += fields.map { ($0.key, $0.value) }
        return copy
    }

    /// - Parameters:
    ///   - key: tells apart what is limited separately under one message, such as a shard; empty: the message alone.
    public func write(
        _ level: LogLevel, _ message: StaticString, _ fields: KeyValuePairs<String, LogValue> = [:],
        limit: LogLimit = .standard, key: String = ""
    ) {
        guard let shared, level >= shared.level else { return }
        let text = message.description
        let now = shared.clock.steady()
        let limitKey = key.isEmpty ? text : "\(text) [\(key)]"
        let action = shared.throttle.withLock { $0.action(for: limitKey, limit: limit, now: now) }
        guard case .write(let suppressed) = action else { return }
        var all = self.fields + fields.map { ($0.key, $0.value) }
        if suppressed > 0 { all.append(("suppressed", .number(suppressed))) }
        shared.writer.write(LogLine(time: shared.clock.wall(), level: level, message: text, fields: all))
    }

    public func debug(
        _ message: StaticString, _ fields: KeyValuePairs<String, LogValue> = [:], limit: LogLimit = .standard,
        key: String = ""
    ) { write(.debug, message, fields, limit: limit, key: key) }

    public func info(
        _ message: StaticString, _ fields: KeyValuePairs<String, LogValue> = [:], limit: LogLimit = .standard,
        key: String = ""
    ) { write(.info, message, fields, limit: limit, key: key) }

    public func warning(
        _ message: StaticString, _ fields: KeyValuePairs<String, LogValue> = [:], limit: LogLimit = .standard,
        key: String = ""
    ) { write(.warning, message, fields, limit: limit, key: key) }

    public func error(
        _ message: StaticString, _ fields: KeyValuePairs<String, LogValue> = [:], limit: LogLimit = .standard,
        key: String = ""
    ) { write(.error, message, fields, limit: limit, key: key) }

    /// Tells what the limits held back, and waits until all is written, within `timeout`. To be called before the
    /// process ends.
    @discardableResult
    public func flush(timeout: Duration = Log.flushTimeout) -> Bool {
        guard let shared else { return true }
        for (key, count) in shared.throttle.withLock({ $0.takeSuppressed() }) {
            shared.writer.write(
                LogLine(
                    time: shared.clock.wall(), level: .info, message: "repeated lines were held back",
                    fields: [("line", .text(key)), ("suppressed", .number(count))]))
        }
        return shared.writer.flush(timeout: timeout)
    }
}
