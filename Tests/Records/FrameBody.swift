import Journal
import Journey
import Records

/// A frame's body in memory, written and read by the real writer and reader.
struct FrameBody {
    var bytes: [UInt8]
    var position: UInt64

    init(_ records: [Written], clock: Instant = Instant(milliseconds: 1_760_000_000_000), position: UInt64 = 4096) {
        var writer = RecordWriter()
        self.init(records, clock: clock, position: position, writer: &writer)
    }

    init(_ records: [Written], clock: Instant, position: UInt64, writer: inout RecordWriter) {
        var body = ByteWriter()
        writer.begin(position: position, clock: clock, to: &body)
        for record in records {
            switch record {
            case .record(.input(let input)): writer.input(input, to: &body)
            case .record(.fact(let fact)): writer.fact(fact, to: &body)
            case .record(.refused(let place, let reason)): writer.refused(place, reason: reason, to: &body)
            case .record(.tombstone(let place)): writer.tombstone(place, to: &body)
            case .record(.unknownType(let place)): writer.unknownType(place, to: &body)
            case .record(.tick(let clock)): writer.tick(clock: clock, to: &body)
            case .record(.timer(let prospect)): writer.timer(prospect, to: &body)
            case .record(.migration(let prospect)): writer.migration(prospect, to: &body)
            case .record(.match(let prospect)): writer.match(prospect, to: &body)
            case .record(.activation(let at, let text)): writer.activation(at: at, text: text, to: &body)
            case .record(.intervention(let kind, let at)): writer.intervention(kind, at: at, to: &body)
            case .record(.found(let reminder)): writer.found(reminder, to: &body)
            case .record(.command(let digest)): writer.command(digest, to: &body)
            case .record(.address(let hash)): writer.address(hash, to: &body)
            case .record(.destroyed(let prospect, let before, let at)):
                writer.destroyed(prospect, before: before, at: at, to: &body)
            case .activation(let at, let text):
                text.withUnsafeBytes { writer.activation(at: at, text: $0, to: &body) }
            }
        }
        writer.end(to: &body)
        bytes = [UInt8](body.bytes)
        self.position = position
    }

    init(bytes: [UInt8], position: UInt64 = 4096) {
        self.bytes = bytes
        self.position = position
    }

    func read() throws -> (clock: Instant, records: [Written]) {
        try bytes.withUnsafeBytes { buffer in
            var reader = try RecordReader(buffer, position: position)
            var records: [Written] = []
            while let record = try reader.next() {
                if case .activation(let at, let text) = record {
                    records.append(.activation(at, [UInt8](text)))
                } else {
                    records.append(.record(record))
                }
            }
            return (reader.clock, records)
        }
    }
}
