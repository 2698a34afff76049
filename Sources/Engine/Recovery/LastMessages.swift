import Journal
import Journey
import Records

/// What a shard's journal holds of a message that it was written from.
enum FoldedMessage: Equatable {
    /// An event. `record`: what the journal keeps of it in the personal part; empty where that is nothing, or destroyed.
    case event(Input, record: [UInt8])
    /// A message without a value.
    case tombstone(MessagePlace)
    /// A message that was no event for us, or that was refused.
    case other(MessagePlace)

    var offset: Int64 {
        switch self {
        case .event(let input, _): input.offset
        case .tombstone(let place), .other(let place): place.offset
        }
    }

    fileprivate var topic: Int {
        switch self {
        case .event(let input, _): Int(input.topic)
        case .tombstone(let place), .other(let place): Int(place.topic)
        }
    }
}

/// Finds the last message of each topic in a shard's journal: segment by segment from its end, as far as need be.
struct LastMessages {
    let path: String
    let fileSystem: any FileSystem

    /// - Parameter topics: the places in `topics.events` that the journal holds a message of; all are found.
    func find(_ topics: Set<Int>, upTo end: JournalHead) throws -> [Int: FoldedMessage] {
        var found: [Int: FoldedMessage] = [:]
        var limit = end.position
        for first in try JournalReader.beginnings(of: path, fileSystem: fileSystem).reversed() where first < limit {
            // Those of later segments win.
            found.merge(try last(topics.subtracting(found.keys), from: first, to: limit)) { later, _ in later }
            guard found.count < topics.count else { break }
            limit = first
        }
        return try found.mapValues(withRecord)
    }

    private func last(_ topics: Set<Int>, from first: UInt64, to limit: UInt64) throws -> [Int: FoldedMessage] {
        var found: [Int: FoldedMessage] = [:]
        let reader = try JournalReader(directory: path, fileSystem: fileSystem, from: first, verification: .chain)
        while reader.head.position < limit, let frame = try reader.next(knownEnd: limit) {
            var records = try RecordReader(frame.body, position: frame.position)
            while let record = try records.next() {
                guard let message = Self.message(record), topics.contains(message.topic) else { continue }
                found[message.topic] = message
            }
        }
        return found
    }

    private static func message(_ record: Record) -> FoldedMessage? {
        switch record {
        case .input(let input): .event(input, record: [])
        case .tombstone(let place): .tombstone(place)
        case .refused(let place, _), .unknownType(let place): .other(place)
        case .fact, .tick, .timer, .migration, .match, .activation, .intervention, .found, .command, .address,
            .destroyed:
            nil
        }
    }

    private func withRecord(_ message: FoldedMessage) throws -> FoldedMessage {
        guard case .event(let input, _) = message, input.details.record != .none else { return message }
        do {
            let record = try PersonalRecords(directory: path, fileSystem: fileSystem)
                .withPersonal(at: input.details.record.rawValue) { Array($0) }
            return .event(input, record: record)
        } catch let error as JournalError where error.code == .destroyed {
            return message
        }
    }
}
