import Journal
import Journey
import Records

/// What a shard's journal holds, read without changing a byte of it: an operator has not decided yet.
struct JournalSurvey {
    /// The end of the last whole frame.
    var head = JournalHead.start
    var confirmed = Confirmation.none
    /// The frames behind the confirmed position, oldest first: whether they were committed is not known.
    var tail: [Frame] = []
    /// The hash of the frame that ends at the position that was asked for; `nil` if none does.
    var hashAtCommitted: FrameHash?

    /// A frame of which it is not known whether it was committed.
    struct Frame: Equatable {
        /// Its end.
        var head: JournalHead
        /// What the transaction that it belongs to has published, if it was committed.
        var reminders: [FoundReminder] = []
        var letters: [LetterOrigin] = []
        /// Whether it may have published what happened to leads, too.
        var changesLeads = false
    }

    /// A folder that holds no journal, or none any more.
    static let empty = JournalSurvey()

    /// - Parameter committed: the position that the committed offset stands for, if it does.
    /// - Throws: `JournalError` on damage.
    static func read(
        _ path: String, fileSystem: any FileSystem, committed: UInt64?
    ) throws -> JournalSurvey {
        guard try fileSystem.exists(path) else { return empty }
        guard let beginning = try JournalBeginning.find(in: path, fileSystem) else { return empty }
        let beginnings = try JournalReader.beginnings(of: path, fileSystem: fileSystem).filter {
            $0 >= beginning.position
        }
        let recent = beginnings[max(0, beginnings.count - 2)]
        var survey = try read(path, fileSystem, from: recent)
        // Mostly the last two segments reach back to what is confirmed.
        if let earlier = beginnings.last(where: { $0 <= survey.confirmed.position }), earlier < recent {
            survey = try read(path, fileSystem, from: earlier)
        }
        guard try hash(at: survey.confirmed.position, path, fileSystem) == survey.confirmed.hash else {
            throw JournalError(
                .diverged, path: path,
                message: "no frame with the confirmed hash ends at position \(survey.confirmed.position)")
        }
        if let committed { survey.hashAtCommitted = try hash(at: committed, path, fileSystem) }
        return survey
    }

    private static func read(
        _ path: String, _ fileSystem: any FileSystem, from start: UInt64
    ) throws -> JournalSurvey {
        var survey = JournalSurvey()
        let reader = try JournalReader(directory: path, fileSystem: fileSystem, from: start, verification: .chain)
        while let frame = try reader.next() {
            survey.tail.append(try Self.frame(frame.body, frame.position, reader.head))
            survey.tail.removeAll { $0.head.position <= frame.confirmed.position }
        }
        survey.head = reader.head
        survey.confirmed = try reader.confirmation()
        survey.tail.removeAll { [confirmed = survey.confirmed] in $0.head.position <= confirmed.position }
        return survey
    }

    /// The hash of the frame that ends at a position; `nil` if none does.
    static func hash(at position: UInt64, _ path: String, _ fileSystem: any FileSystem) throws -> FrameHash? {
        if position == JournalHead.start.position { return JournalHead.start.hash }
        if let beginning = try JournalBeginning.find(in: path, fileSystem), beginning.position == position {
            return beginning.hash
        }
        let beginnings = try JournalReader.beginnings(of: path, fileSystem: fileSystem)
        guard let first = beginnings.last(where: { $0 < position }) else { return nil }
        let reader = try JournalReader(directory: path, fileSystem: fileSystem, from: first, verification: .chain)
        while reader.head.position < position, try reader.next() != nil {}
        return reader.head.position == position ? reader.head.hash : nil
    }

    private static func frame(
        _ body: UnsafeRawBufferPointer, _ position: UInt64, _ head: JournalHead
    ) throws -> Frame {
        var frame = Frame(head: head)
        var records = try RecordReader(body, position: position)
        while let record = try records.next() {
            switch record {
            case .fact(.reminderRequested(let journey, let step, _, let emitted)):
                frame.reminders.append(FoundReminder(journey: journey, step: step, emitted: emitted))
            case .refused(let place, _):
                frame.letters.append(LetterOrigin(topic: Int(place.topic), offset: place.offset, time: place.time))
            case .fact(let fact): frame.changesLeads = frame.changesLeads || fact.mayChangeLead
            case .input, .tombstone, .unknownType, .tick, .timer, .migration, .match, .activation, .intervention,
                .found, .command, .address, .destroyed:
                continue
            }
        }
        return frame
    }
}

/// Which message a dead letter was, within its shard's partition.
struct LetterOrigin: Equatable {
    /// Its place in `topics.events`.
    var topic: Int
    var offset: Int64
    /// The message's timestamp, which its dead letter keeps.
    var time: Instant
}
