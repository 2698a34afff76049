import CCrypto
import Journey

/// Unkeyed digests for ids that others must be able to derive again: the first 128 bits of a SHA-256.
enum PublicDigest {
    /// The seed of journey ids: tenant, source and event id, each with its length in front.
    static func seed(
        tenant: UnsafeRawBufferPointer, source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer
    ) -> JourneyID {
        withUnsafeTemporaryAllocation(byteCount: 12 + tenant.count + source.count + id.count, alignment: 1) { buffer in
            var end = 0
            for part in [tenant, source, id] { append(part, to: buffer, at: &end) }
            return digest(UnsafeRawBufferPointer(rebasing: buffer[..<end]))
        }
    }

    /// An event without an id: its keyed identity and its time stand for it.
    static func seed(_ prospect: ProspectKey, _ time: Instant) -> JourneyID {
        var words = (
            prospect.high.littleEndian, prospect.low.littleEndian, UInt64(bitPattern: time.milliseconds).littleEndian
        )
        return withUnsafeBytes(of: &words) { digest($0) }
    }

    static func policyIdentity(_ name: String) -> JourneyID {
        var text = "winback policy \(name)"
        return text.withUTF8 { digest(UnsafeRawBufferPointer($0)) }
    }

    private static func append(
        _ part: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer, at end: inout Int
    ) {
        buffer.storeBytes(of: UInt32(part.count).littleEndian, toByteOffset: end, as: UInt32.self)
        end += 4
        UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyMemory(from: part)
        end += part.count
    }

    private static func digest(_ bytes: UnsafeRawBufferPointer) -> JourneyID {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { out in
            _ = SHA256(
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count,
                out.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
        return JourneyID(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
    }
}
