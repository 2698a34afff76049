import Journey

/// All of an event that could name a person or that a command may carry, as one record of the journal's personal part.
///
/// ```
/// event part    one item each of: source, id, type, time, traceparent, key, as far as the event has them
/// details part  items by ascending tag: tenant, prospect id, email, product, subject, then the fields that policies use
///
/// item          [tag u8][length u16 LE][bytes]; a field's tag is 64 + its number, and its first byte is its kind
/// ```
/// The details part is what the details' hash is taken over; a command's address and fields come from it.
enum PersonalRecord {
    enum Tag: UInt8 {
        case source = 1
        case id = 2
        case type = 3
        case time = 4
        case traceparent = 5
        case key = 6
        case tenant = 16
        case prospectID = 17
        case email = 18
        case product = 19
        case subject = 20
    }

    static let firstFieldTag: UInt8 = 64

    enum FieldKind: UInt8 {
        case string = 0
        /// A number or a boolean, as its JSON text.
        case scalar = 1
    }

    /// Reads items without copying. Everything that was written by `Writer` reads back; anything else ends the record.
    struct View {
        let bytes: UnsafeRawBufferPointer

        func item(_ tag: Tag) -> UnsafeRawBufferPointer {
            find(tag.rawValue) ?? UnsafeRawBufferPointer(start: nil, count: 0)
        }

        func field(_ number: Int) -> (kind: FieldKind, bytes: UnsafeRawBufferPointer)? {
            guard let item = find(PersonalRecord.firstFieldTag + UInt8(number)), let first = item.first,
                let kind = FieldKind(rawValue: first)
            else { return nil }
            return (kind, UnsafeRawBufferPointer(rebasing: item.dropFirst()))
        }

        var time: Instant {
            let item = item(.time)
            guard item.count == 8 else { return .distantPast }
            return Instant(milliseconds: Int64(littleEndian: item.loadUnaligned(as: Int64.self)))
        }

        fileprivate func find(_ tag: UInt8) -> UnsafeRawBufferPointer? {
            var found: UnsafeRawBufferPointer?
            visit { itemTag, item in
                if itemTag == tag { found = item }
                return found == nil
            }
            return found
        }

        /// Calls `body` for each item in order until it returns false.
        func visit(_ body: (UInt8, UnsafeRawBufferPointer) -> Bool) {
            var position = 0
            while position + 3 <= bytes.count {
                let length = Int(
                    UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 1, as: UInt16.self)))
                let end = position + 3 + length
                guard end <= bytes.count else { return }
                guard body(bytes[position], UnsafeRawBufferPointer(rebasing: bytes[(position + 3)..<end])) else {
                    return
                }
                position = end
            }
        }
    }

    /// Builds one record in storage that is reused from event to event: a copy shares it.
    struct Writer {
        /// Room for every field of a shard at its bound, and the rest: 64 x 2 KiB and some.
        private let buffer = ScratchBuffer(capacity: 1 << 18)
        var bytes: UnsafeRawBufferPointer { buffer.bytes }
        private(set) var detailsStart = 0
        /// Bit *i*: field *i* is present.
        private(set) var fields: UInt64 = 0
        /// Whether the event brings an address or a field: anything besides its identity.
        private(set) var hasDetails = false

        mutating func reset() {
            buffer.removeAll()
            detailsStart = 0
            fields = 0
            hasDetails = false
        }

        mutating func append(_ tag: Tag, _ item: UnsafeRawBufferPointer) {
            if item.isEmpty { return }
            if tag == .email { hasDetails = true }
            appendItem(tag.rawValue, item)
        }

        mutating func append(time: Instant) {
            withUnsafeBytes(of: time.milliseconds.littleEndian) { appendItem(Tag.time.rawValue, $0) }
        }

        mutating func append(type: EventType) {
            withUnsafeBytes(of: type.rawValue) { appendItem(Tag.type.rawValue, $0) }
        }

        mutating func beginDetails() { detailsStart = bytes.count }

        mutating func append(field number: Int, _ kind: FieldKind, _ value: UnsafeRawBufferPointer) {
            header(PersonalRecord.firstFieldTag + UInt8(number), length: value.count + 1)
            buffer.append(kind.rawValue)
            buffer.append(value)
            fields |= 1 << UInt64(number)
            hasDetails = true
        }

        /// Adds a whole item of another record's details part: what an event does not bring stays as it was.
        mutating func appendDetail(tag: UInt8, _ item: UnsafeRawBufferPointer) {
            appendItem(tag, item)
            if tag >= PersonalRecord.firstFieldTag { fields |= 1 << UInt64(tag - PersonalRecord.firstFieldTag) }
            hasDetails = true
        }

        private mutating func appendItem(_ tag: UInt8, _ item: UnsafeRawBufferPointer) {
            header(tag, length: item.count)
            buffer.append(item)
        }

        private mutating func header(_ tag: UInt8, length: Int) {
            precondition(length <= UInt16.max, "the contract bounds every field")
            buffer.append(tag)
            buffer.append(UInt8(truncatingIfNeeded: length))
            buffer.append(UInt8(truncatingIfNeeded: length >> 8))
        }

        /// The details part.
        var details: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[detailsStart...]) }
    }

    /// `new`'s event part, and the details of both: item by item the new one, where it has one, and otherwise the old.
    static func merge(new: View, old: View, into writer: inout Writer) {
        writer.reset()
        new.visit { tag, item in
            guard tag < Tag.tenant.rawValue, let known = Tag(rawValue: tag) else { return true }
            writer.append(known, item)
            return true
        }
        writer.beginDetails()
        for tag in Tag.tenant.rawValue...UInt8.max {
            guard tag <= Tag.subject.rawValue || tag >= firstFieldTag, tag < firstFieldTag + 64 else { continue }
            if let item = new.find(tag) ?? old.find(tag) { writer.appendDetail(tag: tag, item) }
        }
    }
}
