import Journey
import Records

/// Reads a frame's records some at a time, and for those the memory of all their prospects at once, before they are applied:
/// waiting for one prospect after the other took a quarter of a restart's time.
struct RecordsAhead: ~Copyable {
    private static let recordCount = 96
    /// As many as the table reads ahead at once.
    private static let prospectCount = 32

    private var reader: RecordReader
    private let records: UnsafeMutablePointer<Record>
    private var count = 0
    private var index = 0
    private var hasEnded = false
    /// What is wrong behind the records that have been read.
    private var failure: RecordError?
    private var prospects: ContiguousArray<ProspectKey> = []

    /// The partition clock that the frame's inputs saw.
    var clock: Instant { reader.clock }

    /// - Parameter reader: at the frame's first record.
    init(_ reader: consuming RecordReader) {
        self.reader = reader
        records = .allocate(capacity: Self.recordCount)
        records.initialize(repeating: .tick(clock: .distantPast), count: Self.recordCount)
        prospects.reserveCapacity(Self.prospectCount)
    }

    // Records hold no references, so there is nothing in them to be destroyed.
    deinit { records.deallocate() }

    /// The next record, which lies there until the next call; `nil` after the last one.
    ///
    /// - Parameter table: where the prospects that the records name are read from.
    mutating func next(for table: inout ProspectStore) throws(RecordError) -> UnsafePointer<Record>? {
        if index == count {
            if let failure { throw failure }
            if hasEnded { return nil }
            readAhead(for: &table)
            // The first record that was to be read may be the one that is wrong.
            if count == 0 { return try next(for: &table) }
        }
        defer { index += 1 }
        return UnsafePointer(records + index)
    }

    private mutating func readAhead(for table: inout ProspectStore) {
        (index, count) = (0, 0)
        prospects.removeAll(keepingCapacity: true)
        do throws(RecordError) {
            while count < Self.recordCount, prospects.count < Self.prospectCount {
                // Under the thread sanitizer the compiler takes an element of `records` for a second access to the reader.
                let record = records + count
                guard try reader.read(into: &record.pointee) else {
                    hasEnded = true
                    break
                }
                count += 1
                switch record.pointee {
                case .input(let input): prospects.append(input.prospect)
                case .timer(let prospect), .migration(let prospect), .match(let prospect): prospects.append(prospect)
                case .fact, .refused, .tombstone, .unknownType, .tick, .activation, .intervention, .found, .command,
                    .address, .destroyed:
                    continue
                }
            }
        } catch {
            failure = error
        }
        prospects.withUnsafeBufferPointer { table.touch($0) }
    }
}
