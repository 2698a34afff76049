import Journey

/// The addresses that were erased by name, as keyed hashes with the time: events from before it that carry such an address
/// store and open nothing, whoever's they are.
struct ErasedAddresses: Equatable {
    private var times: [ProspectKey: Instant] = [:]
    /// No event after it is touched.
    private(set) var newest = Instant.distantPast

    var count: Int { times.count }

    mutating func erase(_ address: ProspectKey, at time: Instant) {
        times[address] = max(times[address] ?? .distantPast, time)
        newest = max(newest, time)
    }

    func time(of address: ProspectKey) -> Instant { times[address] ?? .distantPast }

    /// In an order that follows from what they are, for a snapshot's bytes.
    var sorted: [(address: ProspectKey, time: Instant)] {
        times.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
