/// Decides which repeated lines are written. Pure: the time is handed in.
struct LogThrottle {
    /// Messages that are remembered at once. Messages are constants of the program, so it never gets near; a key that
    /// does not fit is let through.
    static let longestTable = 1024

    enum Action: Equatable {
        case write(suppressed: Int)
        case suppress
    }

    private struct Entry {
        var windowStart: Duration
        var interval: Duration
        var written: Int
        var suppressed: Int
    }

    private var entries: [String: Entry] = [:]

    mutating func action(for key: String, limit: LogLimit, now: Duration) -> Action {
        guard var entry = entries[key] else {
            if entries.count >= LogThrottle.longestTable { forget(before: now) }
            if entries.count < LogThrottle.longestTable {
                entries[key] = Entry(windowStart: now, interval: limit.interval, written: 1, suppressed: 0)
            }
            return .write(suppressed: 0)
        }
        if now - entry.windowStart >= limit.interval {
            let suppressed = entry.suppressed
            entries[key] = Entry(windowStart: now, interval: limit.interval, written: 1, suppressed: 0)
            return .write(suppressed: suppressed)
        }
        if entry.written < limit.lines {
            entry.written += 1
            entries[key] = entry
            return .write(suppressed: 0)
        }
        entry.suppressed += 1
        entries[key] = entry
        return .suppress
    }

    /// What was held back and never told, by message; forgets it.
    mutating func takeSuppressed() -> [(key: String, count: Int)] {
        let result = entries.filter { $0.value.suppressed > 0 }.map { (key: $0.key, count: $0.value.suppressed) }
        for (key, _) in result { entries[key]?.suppressed = 0 }
        return result.sorted { $0.key < $1.key }
    }

    private mutating func forget(before now: Duration) {
        entries = entries.filter { $0.value.suppressed > 0 || now - $0.value.windowStart < $0.value.interval }
    }
}
