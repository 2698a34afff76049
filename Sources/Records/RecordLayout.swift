/// The bytes of a frame's body.
///
/// ```
/// v  number of 7 bits a byte, lowest first        z  v of a zigzag number
/// t  z, milliseconds since the time that was written before with t (at first 0)
/// p  z, bytes since the record position before (at first the frame's own position)
/// o  offset of a message: nothing if it follows the topic's last one, else z of the difference to that
/// s  scope key: selector in flags: 0 none (nothing), 1 one byte: its place in the table, 2 eight bytes, which enter
///    the table. The table has 64 places; a key's is its low 6 bits. Tenants and products repeat, so they take a byte.
///
/// body          1 version: the lowest that has all its records (1; 2 or 3 with what is marked so), z clock in milliseconds, records, 1 end (FF)
///
/// input         1  event type (01 ... 3F)
///               2  flags    0-1 consent   2-3 address   4-5 tenant   6-7 product   8 subject   9 seed   10 details
///                           11 topic differs from the message's before   12 offset does not follow
///                           2: 13 address erased
///              16  prospect: high, low
///               t  time
///               1  topic                if it differs
///               o  offset
///             s s  tenant, product
///               8  subject              if any
///              16  seed                 if any
///       p + 6 + v  details: record, hash, fields   if any
///       2:      t  until when its address is erased, if it is
///
/// fact          1  40 + code, and 20 more if its journey is the one of the fact before
///               8  journey reference    unless the same (and for facts that have one)
///                  then by code:
///      01 opened               16 journey id (instead of the reference), v policy, 1 selectors, s scope, s product,
///                              t at, details if own        selectors: 0-1 scope 2-3 product 4-5 details
///      02 details refreshed    1 selectors (4-5 details), t at, details if own
///      03 contact refreshed    p record, t at
///      04 consent changed      1 consent, t at
///      05 activity             t at
///      06 reminder requested   1 step, t due, z emitted - clock of the last tick (or of the frame)
///      07 reminder skipped     1 step, t due, 1 reason
///      08 held                 t since, z until - since
///      09 resumed              t at, 1 reason
///      0A converted            t at, 1 after step
///      0B cancelled            t at
///      0C superseded           8 by
///      0D re-entry suppressed
///      0E remembered           1 event type, 1 selectors (2-3 product, 4 subject), s product, 8 subject if any, t time
///      0F opted out, 10 opted in, 11 erased      t at
///      12 expired, 13 forgotten
///      14 lapsed               as remembered
///      15 ignored              1 reason, v policy + 1, or 0
///   2: 16 reminder found       as requested
///   2: 17 migrated              v policy
///   2: 18 address erased        t at
///                  details selector: 0 none, 1 the last ones that were written, 2 own
///
/// 80 refused       1 topic, t time, z offset difference, 1 reason
/// 81 tombstone     1 topic, t time, z offset difference
/// 82 unknown type  1 topic, t time, z offset difference
/// 83 tick          z clock - clock of the frame or the tick before
/// 84 timer        16 prospect: high, low
/// 85 activation    t at, v bytes, text
/// 2: 86 migration 16 prospect: high, low
/// 2: 87 match     16 prospect: high, low
/// 2: 88 intervention  1 kind, t at
/// 2: 89 found         8 journey reference, 1 step, t emitted
/// 3: 8A command      16 digest: high, low
/// 3: 8B address       8 keyed hash
/// 3: 8C destroyed    16 prospect: high, low, p before, t at
/// ```
/// An activity that brings nothing new, with tenant and product: 26 bytes for the input and 10 for its fact.
enum RecordLayout {
    /// The newest version of a body.
    static let version: UInt8 = 3
    static let firstVersion: UInt8 = 1
    /// From which on a record with an address comes with its keyed hash.
    static let addressVersion: UInt8 = 3
    static let end: UInt8 = 0xFF
    static let fact: UInt8 = 0x40
    static let sameJourney: UInt8 = 0x20
    static let refused: UInt8 = 0x80
    static let tombstone: UInt8 = 0x81
    static let unknownType: UInt8 = 0x82
    static let tick: UInt8 = 0x83
    static let timer: UInt8 = 0x84
    static let activation: UInt8 = 0x85
    static let migration: UInt8 = 0x86
    static let match: UInt8 = 0x87
    static let intervention: UInt8 = 0x88
    static let found: UInt8 = 0x89
    static let command: UInt8 = 0x8A
    static let address: UInt8 = 0x8B
    static let destroyed: UInt8 = 0x8C

    /// More than any record but an activation takes.
    static let maximumRecordBytes = 256

    enum Flags {
        static let consent: UInt16 = 0b11
        static let addressShift: UInt16 = 2
        static let tenantShift: UInt16 = 4
        static let productShift: UInt16 = 6
        static let subject: UInt16 = 1 << 8
        static let seed: UInt16 = 1 << 9
        static let details: UInt16 = 1 << 10
        static let topic: UInt16 = 1 << 11
        static let offset: UInt16 = 1 << 12
        static let addressErased: UInt16 = 1 << 13
        static let known: UInt16 = (1 << 14) - 1
    }

    enum Selector {
        static let none: UInt8 = 0
        static let known: UInt8 = 1
        static let own: UInt8 = 2
        static let productShift: UInt8 = 2
        static let subject: UInt8 = 1 << 4
        static let detailsShift: UInt8 = 4
    }

    enum FactCode: UInt8 {
        case opened = 1
        case detailsRefreshed, contactRefreshed, consentChanged, activity, reminderRequested, reminderSkipped
        case held, resumed, converted, cancelled, superseded, reentrySuppressed, remembered
        case optedOut, optedIn, erased, expired, forgotten, lapsed, ignored, reminderFound
        case migrated = 0x17
        case addressErased = 0x18

        var hasJourney: Bool {
            switch self {
            case .detailsRefreshed, .activity, .reminderRequested, .reminderSkipped, .held, .resumed, .converted,
                .cancelled, .superseded, .reentrySuppressed, .expired, .forgotten, .reminderFound, .migrated:
                true
            case .opened, .contactRefreshed, .consentChanged, .remembered, .optedOut, .optedIn, .erased,
                .addressErased, .lapsed, .ignored:
                false
            }
        }
    }
}
