import Journal
import Journey

/// Reads the personal records that a message about a journey is made from.
///
/// Mostly all three are one record, and it is read once. The journal hands out one at a time, so they are copied, into
/// memory that is used again.
final class JourneyRecords {
    /// Valid while they are handed out. A record that there is none of is empty.
    struct Views {
        var opening: PersonalRecord.View
        var details: PersonalRecord.View
        var contact: PersonalRecord.View
    }

    private var opening: ContiguousArray<UInt8> = []
    private var details: ContiguousArray<UInt8> = []
    private var contact: ContiguousArray<UInt8> = []

    /// - Parameter mayBeDestroyed: a record that has been destroyed is empty, too. Otherwise it is a mistake of ours, and
    ///   throws: nothing is to be sent to nobody.
    func withViews<Value>(
        of journey: JourneyState, contact contactRecord: RecordPosition, in journal: some PersonalSource,
        mayBeDestroyed: Bool = false, _ body: (Views) throws -> Value
    ) throws -> Value {
        let openingRecord = journey.opening
        let detailsRecord = journey.details.record
        try Self.read(openingRecord, from: journal, mayBeDestroyed, into: &opening)
        if detailsRecord != openingRecord {
            try Self.read(detailsRecord, from: journal, mayBeDestroyed, into: &details)
        }
        if contactRecord != openingRecord {
            try Self.read(contactRecord, from: journal, mayBeDestroyed, into: &contact)
        }
        return try opening.withUnsafeBytes { openingBytes in
            try (detailsRecord == openingRecord ? opening : details).withUnsafeBytes { detailsBytes in
                try (contactRecord == openingRecord ? opening : contact).withUnsafeBytes { contactBytes in
                    try body(
                        Views(
                            opening: PersonalRecord.View(bytes: openingBytes),
                            details: PersonalRecord.View(bytes: detailsBytes),
                            contact: PersonalRecord.View(bytes: contactBytes)))
                }
            }
        }
    }

    private static func read(
        _ record: RecordPosition, from journal: some PersonalSource, _ mayBeDestroyed: Bool,
        into buffer: inout ContiguousArray<UInt8>
    ) throws {
        buffer.removeAll(keepingCapacity: true)
        guard record != .none else { return }
        if mayBeDestroyed { return try journal.withPersonalIfKept(at: record) { buffer.append(contentsOf: $0) } }
        try journal.withPersonal(at: record.rawValue) { buffer.append(contentsOf: $0) }
    }
}

extension PersonalSource {
    /// Hands out a record's data; nothing of one that has been destroyed.
    func withPersonalIfKept<Value>(
        at record: RecordPosition, _ use: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value {
        do { return try withPersonal(at: record.rawValue, use) } catch let error as JournalError
            where error.code == .destroyed
        {
            return try use(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }
}
