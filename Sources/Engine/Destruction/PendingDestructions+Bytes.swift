import Journal
import Journey
import Records

/// How a snapshot holds them.
///
/// ```
/// count varint, per prospect: hash (high, low: u64 each), before and frame varint each, whole u8,
///                             address u64 and time of its erasure zigzag (0 and 0 without one), count of erasures u8, per erasure topic u8, offset and time zigzag each
/// count varint, per finished erasure: topic u8, offset, time and time of destruction zigzag each
/// ```
extension PendingDestructions {
    func write(to bytes: inout ByteWriter) {
        bytes.appendVarint(UInt64(count))
        for (prospect, destruction) in sorted {
            bytes.appendFixed(prospect.high)
            bytes.appendFixed(prospect.low)
            bytes.appendVarint(destruction.before.rawValue)
            bytes.appendVarint(destruction.frame)
            bytes.append(UInt8(destruction.isWhole ? 1 : 0))
            bytes.appendFixed(destruction.address?.hash ?? 0)
            bytes.appendZigZag(destruction.address?.erasedAt.milliseconds ?? 0)
            bytes.append(UInt8(destruction.erasures.count))
            for erasure in destruction.erasures { Self.write(erasure, to: &bytes) }
        }
        bytes.appendVarint(UInt64(done.count))
        for finished in done {
            Self.write(finished.erasure, to: &bytes)
            bytes.appendZigZag(finished.destroyedAt.milliseconds)
        }
    }

    init(_ reader: inout ByteReader) throws(MalformedBytes) {
        for _ in 0..<(try reader.readVarint()) {
            let prospect = ProspectKey(high: try reader.readFixed(), low: try reader.readFixed())
            var destruction = Destruction(
                before: RecordPosition(rawValue: try reader.readVarint()), frame: try reader.readVarint(),
                isWhole: try reader.readByte() != 0)
            let address: UInt64 = try reader.readFixed()
            let erasedAt = Instant(milliseconds: try reader.readZigZag())
            if address != 0 { destruction.address = Destruction.Address(hash: address, erasedAt: erasedAt) }
            for _ in 0..<(try reader.readByte()) { destruction.erasures.append(try Self.readPlace(&reader)) }
            note(destruction, of: prospect)
        }
        for _ in 0..<(try reader.readVarint()) {
            let erasure = try Self.readPlace(&reader)
            note(Done(erasure: erasure, destroyedAt: Instant(milliseconds: try reader.readZigZag())))
        }
    }

    private static func write(_ place: MessagePlace, to bytes: inout ByteWriter) {
        bytes.append(place.topic)
        bytes.appendZigZag(place.offset)
        bytes.appendZigZag(place.time.milliseconds)
    }

    private static func readPlace(_ reader: inout ByteReader) throws(MalformedBytes) -> MessagePlace {
        MessagePlace(
            topic: try reader.readByte(), offset: try reader.readZigZag(),
            time: Instant(milliseconds: try reader.readZigZag()))
    }
}
