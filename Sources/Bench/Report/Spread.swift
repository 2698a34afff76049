/// The middle and the range of a figure's runs.
struct Spread: Sendable {
    let sorted: [Double]

    /// Of at least one value.
    init(_ values: [Double]) {
        precondition(!values.isEmpty, "a figure has a value")
        sorted = values.sorted()
    }

    var median: Double {
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    var lowest: Double { sorted[0] }
    var highest: Double { sorted[sorted.count - 1] }

    /// How far a run lay from the middle at most, as a share of it; `nil` for a single run, of which nothing is known.
    var share: Double? {
        guard sorted.count > 1, median > 0 else { return nil }
        return max(highest - median, median - lowest) / median
    }

    /// As `±3.1 %`.
    var text: String? { share.map { "±" + BenchReport.percent($0) } }

    /// Whether no run of one is within the range of the other.
    func isApart(from other: Spread) -> Bool { lowest > other.highest || highest < other.lowest }
}
