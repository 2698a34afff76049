/// Of many single measurements.
struct Percentiles {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var count: Int { sorted.count }
    var highest: Double { sorted.last ?? 0 }
    var middle: Double { self[0.5] }

    /// The smallest value that at least this share of all do not exceed.
    subscript(share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((Double(sorted.count) * share).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}
