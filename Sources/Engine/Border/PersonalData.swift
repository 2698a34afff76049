import Contract
import Journey

/// What a personal record of the journal says, for people to read.
public struct PersonalData: Sendable, Equatable {
    public var tenant = ""
    /// Empty where the person is known by the address alone.
    public var prospectID = ""
    public var email = ""
    public var product = ""
    public var subject = ""
    /// Of the event that brought it; each may be empty.
    public var source = ""
    public var eventID = ""
    /// Fields that policies use, by the shard's number of them.
    public var fields: [Int: String] = [:]

    /// - Parameter bytes: a record's, as the journal holds it.
    public init(_ bytes: UnsafeRawBufferPointer) {
        let view = PersonalRecord.View(bytes: bytes)
        func text(_ tag: PersonalRecord.Tag) -> String { String(decoding: view.item(tag), as: UTF8.self) }
        tenant = text(.tenant)
        prospectID = text(.prospectID)
        email = text(.email)
        product = text(.product)
        subject = text(.subject)
        source = text(.source)
        eventID = text(.id)
        for number in 0..<PolicyKeyTable.maximumFields {
            if let field = view.field(number) { fields[number] = String(decoding: field.bytes, as: UTF8.self) }
        }
    }

    /// The address in lower case; `nil` where there is none that a mail could go to.
    public var normalisedEmail: String? { Self.normalised(email) }

    /// An address in lower case; `nil` where the text is none.
    public static func normalised(_ email: String) -> String? {
        EmailAddress.normalised(email).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The tenant alone, for readers of many records.
    public static func tenant(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: PersonalRecord.View(bytes: bytes).item(.tenant), as: UTF8.self)
    }

    /// How a record begins in which an id stands; searching a journal for it costs less than reading all records.
    public static func mark(prospectID: String) -> [UInt8] {
        let id = Array(prospectID.utf8)
        return [
            PersonalRecord.Tag.prospectID.rawValue, UInt8(truncatingIfNeeded: id.count),
            UInt8(truncatingIfNeeded: id.count >> 8),
        ] + id
    }
}
