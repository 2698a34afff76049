import Foundation

/// One figure, with a value for each run: what it is, what is wanted of it, and what the same runs measured beside it.
struct Figure: Sendable {
    /// The goal that it belongs to: `P1` and so on; `nil` for one that others are read with.
    var goalID: String?
    /// The same in every run of the same sizes: runs and files are put together by it.
    var name: String
    /// One for each run.
    var values: [Double]
    var unit: String
    var goal: Goal?
    /// The peer or the limit that it is compared with.
    var beside: Beside?
    /// What else there is to know of it, of the last run.
    var note: String?

    struct Beside: Sendable, Equatable {
        /// As in `37 % of a bare consumer`.
        var name: String
        /// In the figure's unit; one for each run.
        var values: [Double]
    }

    init(
        _ goalID: String?, _ name: String, _ value: Double, _ unit: String, goal: Goal? = nil,
        beside: (name: String, value: Double)? = nil, note: String? = nil
    ) {
        self.goalID = goalID
        self.name = name
        values = [value]
        self.unit = unit
        self.goal = goal
        self.beside = beside.map { Beside(name: $0.name, values: [$0.value]) }
        self.note = note
    }

    var value: Double { Spread(values).median }
    var spread: Spread { Spread(values) }

    /// The value by what was measured beside it, run by run.
    var ratio: Double? {
        guard let beside else { return nil }
        let ratios = Ratios.of(values, by: beside.values)
        return ratios.isEmpty ? nil : Spread(ratios).median
    }

    var isMet: Bool? {
        guard let goal else { return nil }
        return goal.isOfRatio ? ratio.map(goal.isMet) : goal.isMet(value)
    }

    /// Takes the values of the same figure of another run.
    mutating func append(_ other: Figure) {
        values += other.values
        beside?.values += other.beside?.values ?? []
        note = other.note ?? note
    }
}

/// What is wanted of a figure, or of its ratio to what was measured beside it.
struct Goal: Sendable, Equatable {
    enum Kind: String, Sendable {
        case atLeast, atMost, ratioAtLeast, ratioAtMost
    }

    var kind: Kind
    var limit: Double

    static func atLeast(_ limit: Double) -> Goal { Goal(kind: .atLeast, limit: limit) }
    static func atMost(_ limit: Double) -> Goal { Goal(kind: .atMost, limit: limit) }
    static func ratioAtLeast(_ limit: Double) -> Goal { Goal(kind: .ratioAtLeast, limit: limit) }
    static func ratioAtMost(_ limit: Double) -> Goal { Goal(kind: .ratioAtMost, limit: limit) }

    var isOfRatio: Bool {
        switch kind {
        case .ratioAtLeast, .ratioAtMost: true
        case .atLeast, .atMost: false
        }
    }

    /// Whether less is better.
    var isCost: Bool {
        switch kind {
        case .atMost, .ratioAtMost: true
        case .atLeast, .ratioAtLeast: false
        }
    }

    func isMet(_ value: Double) -> Bool { isCost ? value <= limit : value >= limit }

    var text: String {
        let sign = isCost ? "<=" : ">="
        return isOfRatio ? "\(sign) \(BenchReport.ratio(limit))" : "\(sign) \(BenchReport.text(limit))"
    }
}

/// Of values to others of the same runs.
enum Ratios {
    /// None where there are not as many of both.
    static func of(_ values: [Double], by others: [Double]) -> [Double] {
        guard values.count == others.count else { return [] }
        return zip(values, others).filter { $1 > 0 }.map { $0 / $1 }
    }
}
