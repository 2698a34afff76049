/// What the oracle has found so far.
public struct Verdict: Sendable {
    public enum Violation: String, CaseIterable, Sendable { case lost, duplicate, `false`, missed }

    /// The earliest of the partitions' clocks, as their reminders tell: milliseconds since 1970.
    public var clock = 0
    /// The longest time without a reminder in some partition, since the cycle began.
    public var gapSeconds = 0.0
    public var counts: [String: Int] = [:]
    public var violations: [Violation: Int] = [:]
    /// Violations in words.
    public var examples: [String] = []
    /// What keeps the oracle from judging.
    public var failures: [String] = []

    public var isClean: Bool { failures.isEmpty && violations.values.allSatisfy { $0 == 0 } }

    init() {}

    init(_ answer: [String: Any]) {
        clock = answer["clock"] as? Int ?? 0
        gapSeconds = answer["gap"] as? Double ?? 0
        counts = answer["counts"] as? [String: Int] ?? [:]
        let found = answer["violations"] as? [String: Int] ?? [:]
        for violation in Violation.allCases { violations[violation] = found[violation.rawValue] ?? 0 }
        examples = answer["examples"] as? [String] ?? []
        failures = answer["failures"] as? [String] ?? []
    }
}
