import Synchronization

/// How far a long piece of work is, on standard error: a moving bar on a terminal, else a line now and then.
///
/// May be updated from any thread, as often as is convenient: it draws ten times a second at most.
public final class ProgressBar: Sendable {
    /// On a terminal the bar is drawn again after this time.
    static let redrawInterval = Duration.milliseconds(100)
    /// Elsewhere (a log) a line is written after this time.
    static let lineInterval = Duration.seconds(10)
    /// The rate is that of the last few seconds, so that the time left follows a change of pace.
    static let rateMemory = Duration.seconds(5)

    private struct State {
        var done: Int64 = 0
        var startedAt: Duration
        var drawnAt: Duration?
        var rateFrom: (time: Duration, done: Int64)
        var ratePerSecond: Double?
        var isFinished = false
        var hasDrawn = false
    }

    private let label: String
    private let total: Int64?
    private let unit: String
    private let screen: Screen
    private let clock: @Sendable () -> Duration
    private let state: Mutex<State>

    /// - Parameters:
    ///   - total: the amount that means done; nil where it is not known.
    ///   - unit: what is counted, in the plural: "events".
    ///   - clock: a time that only moves forward, from any beginning.
    public init(
        _ label: String, total: Int64?, unit: String, screen: Screen = .errors,
        clock: @escaping @Sendable () -> Duration = ProgressBar.steadyClock()
    ) {
        self.label = label
        self.total = total
        self.unit = unit
        self.screen = screen
        self.clock = clock
        let now = clock()
        state = Mutex(State(startedAt: now, rateFrom: (now, 0)))
    }

    public static func steadyClock() -> @Sendable () -> Duration {
        let start = ContinuousClock.now
        return { ContinuousClock.now - start }
    }

    public func advance(by count: Int64 = 1) { change { $0.done += count } }

    public func update(to done: Int64) { change { $0.done = done } }

    /// Leaves a last line that says how much was done in what time. Updates after it change nothing.
    public func finish() {
        let now = clock()
        let text = state.withLock { state -> String? in
            guard !state.isFinished else { return nil }
            state.isFinished = true
            let elapsed = now - state.startedAt
            let seconds = elapsed / .seconds(1)
            let rate = seconds > 0 ? ", \(rateText(Double(state.done) / seconds))" : ""
            return "\(label): \(NumberText.grouped(state.done)) \(unit) in \(TimeText.duration(elapsed))\(rate)"
        }
        guard let text else { return }
        screen.write((screen.isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
    }

    /// Clears the bar so that something else can be written; the next update draws it again.
    public func clear() {
        guard screen.isTerminal, state.withLock({ $0.hasDrawn && !$0.isFinished }) else { return }
        screen.write("\r\u{1B}[K")
    }

    private func change(_ body: (inout State) -> Void) {
        let now = clock()
        let text = state.withLock { state -> String? in
            guard !state.isFinished else { return nil }
            body(&state)
            let interval = screen.isTerminal ? ProgressBar.redrawInterval : ProgressBar.lineInterval
            let last = state.drawnAt ?? (screen.isTerminal ? nil : state.startedAt)
            if let last, now - last < interval { return nil }
            state.drawnAt = now
            state.hasDrawn = true
            measureRate(&state, now)
            return line(state)
        }
        // Written outside the lock: a slow terminal holds up no other thread.
        guard let text else { return }
        screen.write(
            screen.isTerminal ? "\r\u{1B}[K" + TextWidth.truncated(text, to: screen.width - 1) : text + "\n")
    }

    private func measureRate(_ state: inout State, _ now: Duration) {
        let elapsed = (now - state.rateFrom.time) / .seconds(1)
        guard elapsed > 0 else { return }
        let current = Double(state.done - state.rateFrom.done) / elapsed
        let share = min(1, elapsed / (ProgressBar.rateMemory / .seconds(1)))
        state.ratePerSecond = state.ratePerSecond.map { $0 + (current - $0) * share } ?? current
        state.rateFrom = (now, state.done)
    }

    private func line(_ state: State) -> String {
        var text = "\(label): "
        if let total, total > 0 {
            let share = min(1, max(0, Double(state.done) / Double(total)))
            if screen.isTerminal {
                let full = Int(share * 20)
                text += "[" + String(repeating: "#", count: full) + String(repeating: "·", count: 20 - full) + "] "
            }
            text += "\(Int(share * 100)) %, \(NumberText.grouped(state.done)) of \(NumberText.grouped(total)) \(unit)"
        } else {
            text += "\(NumberText.grouped(state.done)) \(unit)"
        }
        guard let rate = state.ratePerSecond else { return text }
        text += ", \(rateText(rate))"
        if let total, total > state.done, rate > 0 {
            let left = Double(total - state.done) / rate
            if left < 1e9 { text += ", \(TimeText.duration(.seconds(Int64(left.rounded(.up))))) left" }
        }
        return text
    }

    private func rateText(_ perSecond: Double) -> String {
        "\(perSecond < 10 ? NumberText.fixed(perSecond, 1) : NumberText.grouped(Int64(perSecond.rounded())))/s"
    }
}
