import Journey
import Terminal

/// What the audience sees: a line for each thing that a few of the people do, and for each mail to them.
struct DemoStage {
    /// Lines a second at most, so that they can be read; what is beyond is left out.
    static let linesPerSecond = 5.0
    private static let burst = 10.0
    private static let nameWidth = 18

    let screen: Screen
    /// When the show begins; days are counted from there.
    let start: Instant
    private var day = 0
    private var allowance = DemoStage.burst
    private var lastLineAt = ContinuousClock.now

    init(screen: Screen, start: Instant) {
        self.screen = screen
        self.start = start
    }

    mutating func show(_ type: EventType, _ visitor: Visitor, at time: Instant) {
        guard let (mark, text, style) = Self.words(type, visitor), takeLine() else { return }
        write(time, mark, visitor.name, text, style)
    }

    /// - Parameter time: when the mail worker got it.
    mutating func show(_ reminder: Reminder, at time: Instant) {
        guard takeLine() else { return }
        let waited = TimeText.duration(.seconds((reminder.dueAt - reminder.openedAt) / 60_000 * 60))
        let step = reminder.steps > 1 ? " (\(reminder.step) of \(reminder.steps))" : ""
        write(
            time, "✉", reminder.name,
            "reminder \(reminder.template)\(step): \(reminder.product), \(waited) after the start", .cyan)
    }

    /// A line for each day that begins.
    mutating func showDay(_ time: Instant, _ tally: DemoTally) {
        let today = Self.day(of: time, since: start)
        guard today > day else { return }
        day = today
        let sums = today == 1 ? "" : ": so far \(tally.summary)"
        screen.line(screen.styled("— day \(today)\(sums)", .bold))
    }

    /// From 1; days begin at midnight UTC.
    private static func day(of time: Instant, since start: Instant) -> Int {
        let length = Span.days(1).milliseconds
        return Int(time.milliseconds / length - start.milliseconds / length) + 1
    }

    private static func words(_ type: EventType, _ visitor: Visitor) -> (mark: String, text: String, style: Style?)? {
        switch type {
        case .salesLeadCreated: ("○", "asks about \(visitor.product)", nil)
        case .offerCreated: ("○", "gets an offer: \(visitor.product)", nil)
        case .checkoutStarted: ("○", "starts a checkout: \(visitor.product)", nil)
        case .policyIssued, .checkoutCompleted: ("✓", "buys: \(visitor.product)", .green)
        case .paymentFailed: ("!", "can't pay: \(visitor.product)", .yellow)
        case .leadCancelled: ("×", "cancels: \(visitor.product)", .yellow)
        case .contactOptedOut: ("×", "wants no mail", .yellow)
        case .checkoutUpdated, .paymentPending, .contactOptedIn, .contactErasureRequested: nil
        }
    }

    private func write(_ time: Instant, _ mark: String, _ name: String, _ text: String, _ style: Style?) {
        let clock = TimeText.readable(time.milliseconds).dropFirst(11).dropLast(3)
        let day = Self.day(of: time, since: start)
        let padding = String(repeating: " ", count: max(0, Self.nameWidth - name.count))
        screen.line("  \(day)d \(clock)  \(screen.styled("\(mark) \(name)\(padding)  \(text)", style))")
    }

    private mutating func takeLine() -> Bool {
        let now = ContinuousClock.now
        allowance = min(Self.burst, allowance + (now - lastLineAt) / .seconds(1) * Self.linesPerSecond)
        lastLineAt = now
        guard allowance >= 1 else { return false }
        allowance -= 1
        return true
    }
}
