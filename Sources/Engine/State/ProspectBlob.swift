import Journey

/// The packed form of a prospect in memory and in snapshots.
///
/// ```
/// offset size  (numbers little endian)
///      0   16  key: high, low
///     16    4  queued timer in whole seconds since 2000-01-01; 0: none
///     20    2  header
///     22    6  base: low 48 bits of the time that times below are relative to (the first journey's opening)
///     28       v = 1..10 bytes of 7 bits; d = v of the zigzag difference to the base or to the field named
///           d  consentAt                                 if header says so
///           d  suppression's time                        if suppressed
///           d  erasedAt                                  if header says so
///           v  number of journeys                        if more than 2
///           v  number of memories                        if any
///              journeys
///          dd  contact: record (to the last journey's details), time (to base)
///              memories
///
/// header   0-1 consent   2-3 consentAt: never, base, own   4-5 suppression: none, out, in, lifted   6 erased
///          7-8 contact: none, as the last journey's details, own   9-10 journeys: 0, 1, 2, more   11 memories
///
/// journey   2  flags    0-3 status   4-5 scope: none, as product, own   6 product   7 activityAt   8 nextStep
///                       9 previousAt   10 paused   11 holdAt   12-13 detailsAt: as openedAt, as activityAt, own
///                       14 opening differs from details.record   15 has details
///           8  reference
///           d  openedAt (to base)
///           v  policy
///           8  scope                          if own
///           8  product                        if any
///           d  activityAt (to openedAt)       unless equal
///           1  nextStep                       unless 0
///           d  previousAt (to openedAt)       unless equal
///           d  paused                         unless 0
///           d  holdAt (to openedAt)           unless never
///        d, d  since, until / at              if held / converted or cancelled (to openedAt)
///           d  details.record (to the journey before; the first: to 0)
///           6  details.hash                   if it has details
///           v  details.fields                 if it has details
///           d  detailsAt (to openedAt)        if own
///           d  opening (to details.record)    unless equal
///
/// memory    1  type
///           1  flags: 1 product, 2 subject
///        8, 8  product, subject               if any
///           d  time (to base)
/// ```
/// A prospect with one journey, details, product and consent takes 61 bytes of this; without a product, 53.
enum ProspectBlob {
    static let timerOffset = 16
    static let headerOffset = 20
    /// More than a prospect at all its bounds takes: 255 journeys of at most 148 bytes, 32 memories of at most 28.
    static let maximumBytes = BlobSizeClass.largestBytes

    enum Header {
        static let consent: UInt16 = 0b11
        static let consentAtBase: UInt16 = 1 << 2
        static let consentAtOwn: UInt16 = 2 << 2
        static let consentAt: UInt16 = 3 << 2
        static let optedOut: UInt16 = 1 << 4
        static let optedIn: UInt16 = 2 << 4
        static let lifted: UInt16 = 3 << 4
        static let suppression: UInt16 = 3 << 4
        static let erased: UInt16 = 1 << 6
        static let contactAsDetails: UInt16 = 1 << 7
        static let contactOwn: UInt16 = 2 << 7
        static let contact: UInt16 = 3 << 7
        static let journeysShift: UInt16 = 9
        static let journeysMore: UInt16 = 3
        static let memories: UInt16 = 1 << 11
    }

    enum Flags {
        static let status: UInt16 = 0b1111
        static let scopeAsProduct: UInt16 = 1 << 4
        static let scopeOwn: UInt16 = 2 << 4
        static let scope: UInt16 = 3 << 4
        static let product: UInt16 = 1 << 6
        static let activityAt: UInt16 = 1 << 7
        static let nextStep: UInt16 = 1 << 8
        static let previousAt: UInt16 = 1 << 9
        static let paused: UInt16 = 1 << 10
        static let holdAt: UInt16 = 1 << 11
        static let detailsAtActivity: UInt16 = 1 << 12
        static let detailsAtOwn: UInt16 = 2 << 12
        static let detailsAt: UInt16 = 3 << 12
        static let opening: UInt16 = 1 << 14
        static let details: UInt16 = 1 << 15
    }

    enum Status: UInt16 {
        case waiting, held, finished, superseded, converted, cancelled, optedOut, erased, expired
    }

    enum MemoryFlags {
        static let product: UInt8 = 1
        static let subject: UInt8 = 2
    }

    @inline(__always)
    static func key(_ blob: UnsafeRawPointer) -> ProspectKey {
        ProspectKey(
            high: UInt64(littleEndian: blob.load(as: UInt64.self)),
            low: UInt64(littleEndian: blob.load(fromByteOffset: 8, as: UInt64.self)))
    }

    @inline(__always)
    static func setKey(_ key: ProspectKey, _ blob: UnsafeMutableRawPointer) {
        blob.storeBytes(of: key.high.littleEndian, as: UInt64.self)
        blob.storeBytes(of: key.low.littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    @inline(__always)
    static func queued(_ blob: UnsafeRawPointer) -> UInt32 {
        UInt32(littleEndian: blob.load(fromByteOffset: timerOffset, as: UInt32.self))
    }

    @inline(__always)
    static func setQueued(_ second: UInt32, _ blob: UnsafeMutableRawPointer) {
        blob.storeBytes(of: second.littleEndian, toByteOffset: timerOffset, as: UInt32.self)
    }
}
