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

        private func find(_ tag: UInt8) -> UnsafeRawBufferPointer? {
            var items = Items(bytes)
            while items.tag < tag { items.next() }
            return items.tag == tag ? items.item : nil
        }

        /// The items from the first of the details part on.
        fileprivate var details: Items {
            var items = Items(bytes)
            while items.tag < Tag.tenant.rawValue { items.next() }
            return items
        }
    }

    /// Goes over the items of a record, in the order of their tags.
    fileprivate struct Items {
        private let bytes: UnsafeRawBufferPointer
        private var end = 0
        /// The item in hand: its tag, and where its content lies. `none` behind the last item.
        private(set) var tag = Items.none
        private(set) var item = UnsafeRawBufferPointer(start: nil, count: 0)

        /// More than any tag.
        static let none = UInt8.max

        init(_ bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
            next()
        }

        @inline(__always)
        mutating func next() {
            let start = end + 3
            tag = Self.none
            guard start <= bytes.count else { return }
            let length = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: end + 1, as: UInt16.self)))
            guard start + length <= bytes.count else { return }
            tag = bytes[end]
            item = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
            end = start + length
        }
    }

    /// A record that has been put together and is not in the journal (yet).
    struct Draft {
        /// Valid until its writer forgets its drafts.
        var bytes: UnsafeRawBufferPointer
        var detailsStart: Int
        /// Bit *i*: field *i* is present.
        var fields: UInt64
        /// Whether it has an address or a field: anything besides identities.
        var hasDetails: Bool

        var view: View { View(bytes: bytes) }
        /// The details part.
        var details: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[detailsStart...]) }
    }

    /// Puts records together, one behind the other, in storage that is used again: a copy shares it.
    struct Writer {
        private let buffer: ScratchBuffer
        private var start = 0
        private var detailsStart = 0
        private var fields: UInt64 = 0
        private var hasDetails = false

        /// - Parameter capacity: what the contract's bounds allow for the records that it holds at a time.
        init(capacity: Int) { buffer = ScratchBuffer(capacity: capacity) }

        /// - Parameter records: how many events' records it holds at a time.
        init(records: Int) { self.init(capacity: records * Self.maximumEventBytes) }

        /// More than an event's record takes whose every part is at its bound (`EventBounds`).
        private static let maximumEventBytes = 1 << 15

        /// Forgets all drafts.
        mutating func removeAll() { buffer.removeAll() }

        /// Begins a record. What an earlier one has without being finished is kept in vain.
        mutating func begin() {
            start = buffer.count
            detailsStart = start
            fields = 0
            hasDetails = false
        }

        func finish() -> Draft {
            Draft(
                bytes: UnsafeRawBufferPointer(rebasing: buffer.bytes[start...]), detailsStart: detailsStart - start,
                fields: fields, hasDetails: hasDetails)
        }

        @inline(__always)
        mutating func append(_ tag: Tag, _ item: UnsafeRawBufferPointer) {
            if item.isEmpty { return }
            appendItem(tag.rawValue, item)
        }

        mutating func append(email: UnsafeRawBufferPointer) {
            appendItem(Tag.email.rawValue, email)
            hasDetails = true
        }

        mutating func append(time: Instant) {
            withUnsafeBytes(of: time.milliseconds.littleEndian) { appendItem(Tag.time.rawValue, $0) }
        }

        mutating func append(type: EventType) {
            withUnsafeBytes(of: type.rawValue) { appendItem(Tag.type.rawValue, $0) }
        }

        mutating func beginDetails() { detailsStart = buffer.count }

        mutating func append(field number: Int, _ kind: FieldKind, _ value: UnsafeRawBufferPointer) {
            header(PersonalRecord.firstFieldTag + UInt8(number), length: value.count + 1)
            buffer.append(kind.rawValue)
            buffer.append(value)
            fields |= 1 << UInt64(number)
            hasDetails = true
        }

        /// Adds the item in hand of another record's details part.
        @inline(__always)
        fileprivate mutating func append(_ items: Items) {
            appendItem(items.tag, items.item)
            let isField = items.tag >= PersonalRecord.firstFieldTag
            if isField { fields |= 1 << UInt64(items.tag - PersonalRecord.firstFieldTag) }
            if isField || items.tag == Tag.email.rawValue { hasDetails = true }
        }

        @inline(__always)
        fileprivate mutating func appendItem(_ tag: UInt8, _ item: UnsafeRawBufferPointer) {
            header(tag, length: item.count)
            buffer.append(item)
        }

        @inline(__always)
        private mutating func header(_ tag: UInt8, length: Int) {
            precondition(length <= UInt16.max, "the contract bounds every field")
            buffer.append(tag)
            buffer.append(twoBytes: length)
        }
    }

    /// `new`'s event part, and the details of both: item by item the new one, where it has one, and otherwise the old.
    static func merge(new: View, old: View, into writer: inout Writer) -> Draft {
        writer.begin()
        var items = Items(new.bytes)
        while items.tag < Tag.tenant.rawValue {
            writer.appendItem(items.tag, items.item)
            items.next()
        }
        writer.beginDetails()
        var kept = old.details
        while items.tag != Items.none || kept.tag != Items.none {
            if items.tag <= kept.tag {
                if items.tag == kept.tag { kept.next() }
                writer.append(items)
                items.next()
            } else {
                writer.append(kept)
                kept.next()
            }
        }
        return writer.finish()
    }
}
