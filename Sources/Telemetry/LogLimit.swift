/// How often one message may appear. What is held back is counted and told with the next line of that message.
public struct LogLimit: Sendable, Equatable {
    public let lines: Int
    public let interval: Duration

    public init(lines: Int, per interval: Duration) {
        precondition(lines > 0 && interval > .zero, "a limit lets something through")
        self.lines = lines
        self.interval = interval
    }

    /// Keeps a loop that fails at full speed from flooding the log, and lets each of many shards say something once.
    public static let standard = LogLimit(lines: 50, per: .seconds(10))

    /// For what is true all the time: said at once, and then now and then.
    public static func once(per interval: Duration) -> LogLimit { LogLimit(lines: 1, per: interval) }
}
