import Dispatch
import Synchronization
import Terminal

/// Writes log lines on a thread of its own: whoever logs never waits for a disk or a terminal, whatever it has locked.
final class LogWriter: Sendable {
    /// Lines that wait to be written. When a slow reader has let it fill up, lines are dropped and counted.
    static let longestQueue = 8192

    private let screen: Screen
    private let queue = DispatchQueue(label: "winback.log", qos: .utility)
    private let waiting = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)

    init(screen: Screen) { self.screen = screen }

    /// Formatting is left to the writing thread too.
    func write(_ line: LogLine) {
        guard waiting.add(1, ordering: .relaxed).newValue <= LogWriter.longestQueue else {
            waiting.subtract(1, ordering: .relaxed)
            dropped.add(1, ordering: .relaxed)
            return
        }
        queue.async { [self] in
            let lost = dropped.exchange(0, ordering: .relaxed)
            if lost > 0 {
                put(
                    LogLine(
                        time: line.time, level: .warning, message: "log lines dropped: the reader is too slow",
                        fields: [("dropped", .number(lost))]))
            }
            put(line)
            waiting.subtract(1, ordering: .relaxed)
        }
    }

    /// Waits until everything logged so far is written, but no longer than `timeout`; false when it was not.
    func flush(timeout: Duration) -> Bool {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        let nanoseconds = Int(clamping: Int64(timeout / .nanoseconds(1)))
        return done.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
    }

    private func put(_ line: LogLine) { screen.write(screen.isTerminal ? line.readable(on: screen) : line.json) }
}
