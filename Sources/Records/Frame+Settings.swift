import Journal

extension Frame {
    /// Whether its records begin with what decisions depend on besides events: a configuration, or what an operator did.
    /// Nothing of the kind is ever written behind anything else: it is decided at a start, before the first event.
    public var holdsSettings: Bool {
        // Behind the version lies the clock, whose last byte has no top bit.
        guard let last = body.dropFirst().firstIndex(where: { $0 < 0x80 }), last + 1 < body.endIndex else {
            return false
        }
        let tags = [RecordLayout.activation, RecordLayout.intervention, RecordLayout.found]
        return tags.contains(body[last + 1])
    }

    /// Whether it may hold addresses without keyed hashes of them beside: written before there were any.
    public var mayLackAddresses: Bool { personalCount > 0 && (body.first ?? 0) < RecordLayout.addressVersion }
}
