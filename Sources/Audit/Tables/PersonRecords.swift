import Engine
import Journal
import Journey
import Records

/// Where the journal holds who a journey's person is.
struct PersonRecords: Sendable, Equatable {
    /// The event that opened the journey.
    var opening: RecordPosition
    /// The newest with a usable address.
    var contact: RecordPosition
}

/// Who people are, as far as that may still be said.
final class PeopleLookup {
    private let records: PersonalRecords
    /// Of people who were erased: records from before this position are not to be shown, whether they are still there or
    /// not. After an erasure it is the end of its frame, so that nothing of the same frame is taken for newer.
    private var erased: [ProspectKey: UInt64] = [:]

    /// Reads the shard's journal to its end, because an erasure hides what lies before it.
    init(_ source: AuditSource, partition: Int32, progress: JournalWalk.Progress) throws {
        let walk = try JournalWalk(source, partition: partition)
        records = try walk.records()
        try walk.frames(pending: true, progress: progress) { step in
            var reader = try RecordReader(step.frame.body, position: step.frame.position)
            var current: ProspectKey?
            while let record = try reader.next() {
                switch record {
                case .input(let input): current = input.prospect
                case .timer(let prospect), .migration(let prospect), .match(let prospect): current = prospect
                case .fact(.erased), .fact(.addressErased):
                    if let current { erased[current] = step.frame.head.position }
                case .destroyed(let prospect, let before, _):
                    erased[prospect] = max(erased[prospect] ?? 0, before.rawValue)
                case .fact, .refused, .tombstone, .unknownType, .tick, .activation, .intervention, .found, .command,
                    .address:
                    continue
                }
            }
        }
    }

    /// `nil` where the data has been erased, or there never was any.
    func person(_ prospect: ProspectKey, _ places: PersonRecords) throws -> PersonalData? {
        guard var person = try read(places.opening, prospect) else { return nil }
        if places.contact != places.opening, let contact = try read(places.contact, prospect) {
            person.email = contact.email
        }
        return person
    }

    private func read(_ record: RecordPosition, _ prospect: ProspectKey) throws -> PersonalData? {
        guard record != .none, record.rawValue >= erased[prospect] ?? 0 else { return nil }
        do {
            return try records.withPersonal(at: record.rawValue) { PersonalData($0) }
        } catch let error as JournalError where error.code == .destroyed {
            return nil
        }
    }
}
