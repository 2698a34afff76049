import Journal
import Journey

/// Unkeyed digests for ids that others must be able to derive again: the first 128 bits of a SHA-256.
///
/// One thread uses one.
struct PublicDigest {
    private let sha = SHA256()
    /// Room for the three parts at the contract's bounds, with their lengths.
    private let scratch = ScratchBuffer(capacity: 1 << 16)

    /// The seed of the ids of the journeys that an event opens, from its record: what stands for the event is its
    /// tenant, source and id, each with its length in front; for an event without an id, its keyed identity and time.
    func seed(of event: PersonalRecord.View, _ prospect: ProspectKey) -> JourneyID {
        let id = event.item(.id)
        if id.isEmpty { return seed(of: prospect, at: event.time) }
        scratch.removeAll()
        append(event.item(.tenant))
        append(event.item(.source))
        append(id)
        return digest(scratch.bytes)
    }

    /// The same of an event without an id.
    func seed(of prospect: ProspectKey, at time: Instant) -> JourneyID {
        scratch.removeAll()
        append(prospect.high)
        append(prospect.low)
        append(UInt64(bitPattern: time.milliseconds))
        return digest(scratch.bytes)
    }

    func policyIdentity(_ name: String) -> JourneyID {
        var text = "winback policy \(name)"
        return text.withUTF8 { digest(UnsafeRawBufferPointer($0)) }
    }

    private func append(_ part: UnsafeRawBufferPointer) {
        append(UInt32(part.count))
        scratch.append(part)
    }

    private func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { scratch.append($0) }
    }

    private func digest(_ bytes: UnsafeRawBufferPointer) -> JourneyID {
        let prefix = sha.digest(bytes).prefix
        return JourneyID(high: prefix.high, low: prefix.low)
    }
}
