/// When events are to go: as fast as possible, so many a second, or with the distances of their own times.
struct Pace {
    enum Kind: Equatable {
        case unlimited
        /// Events a second.
        case rate(Int)
        /// So many times as fast as their own times.
        case speed(Double)
    }

    private let kind: Kind
    private var count = 0
    private var firstTime: Int64?
    private var due = Duration.zero

    init(_ kind: Kind) { self.kind = kind }

    /// When the next event is to go, after the beginning; never before the one that went last.
    ///
    /// - Parameter time: the event's own, in milliseconds; nil where it has none: it goes with the one before.
    mutating func next(time: Int64?) -> Duration {
        defer { count += 1 }
        switch kind {
        case .unlimited: return .zero
        case .rate(let perSecond): return .seconds(Double(count) / Double(perSecond))
        case .speed(let factor):
            guard let time else { return due }
            let first = firstTime ?? time
            firstTime = first
            due = max(due, .milliseconds(Double(time - first) / factor))
            return due
        }
    }

    var needsTime: Bool { if case .speed = kind { true } else { false } }
}
