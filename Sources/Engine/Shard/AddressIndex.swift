import Journey

/// Of whom an address may be known: everyone of whom it is, and perhaps more. It lives as long as a batch in which addresses
/// are erased one after the other, so that all of them together read the records of all prospects once.
struct AddressIndex {
    private struct Entry {
        /// Half of the address's hash: who comes up for it by chance is looked at in vain.
        var address: UInt64
        var prospect: ProspectKey
    }

    /// By address.
    private var entries: ContiguousArray<Entry> = []
    /// What came after they were sorted: as many as a batch has events.
    private var later: ContiguousArray<Entry> = []

    mutating func add(_ address: ProspectKey, of prospect: ProspectKey) {
        later.append(Entry(address: address.high, prospect: prospect))
    }

    /// To be called once, when everything that the shard knows has been added.
    mutating func sort() {
        swap(&entries, &later)
        entries.sort { $0.address < $1.address }
    }

    /// Each once, in an order that follows from what they are.
    func prospects(with address: ProspectKey) -> [ProspectKey] {
        var found = Set<ProspectKey>()
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].address < address.high { low = middle + 1 } else { high = middle }
        }
        while low < entries.count, entries[low].address == address.high {
            found.insert(entries[low].prospect)
            low += 1
        }
        for entry in later where entry.address == address.high { found.insert(entry.prospect) }
        return found.sorted()
    }
}
