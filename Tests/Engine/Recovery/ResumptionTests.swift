import Journal
import Journey
import Testing

@testable import Engine

@Suite("Where a recovery goes on")
struct ResumptionTests {
    private static func head(_ position: UInt64) -> JournalHead {
        JournalHead(position: position, hash: FrameHash(hex: String(repeating: "ab", count: 32))!)
    }

    private static func reminder(_ journey: UInt64) -> FoundReminder {
        FoundReminder(
            journey: JourneyReference(rawValue: journey), step: 0, emitted: Instant(milliseconds: Int64(journey)))
    }

    private static func frame(_ position: UInt64, _ journeys: [UInt64], letters: [Int64] = []) -> JournalSurvey.Frame {
        JournalSurvey.Frame(
            head: head(position), reminders: journeys.map(reminder),
            letters: letters.map { LetterOrigin(topic: 0, offset: $0, time: Instant(milliseconds: 0)) })
    }

    private static let confirmed = head(5000)

    /// - Parameters:
    ///   - found: journeys whose commands are in the topic.
    ///   - unknownUpTo: commands that were emitted up to then may have been deleted.
    private func end(
        _ tail: [JournalSurvey.Frame], found: Set<UInt64> = [], letters: Set<Int64> = [], unknownUpTo: Int64 = -1,
        keepsAll: Bool = false, publishesLeads: Bool = false
    ) -> TailEnd {
        TailEnd.of(tail, behind: Self.confirmed, keepsAll: keepsAll, publishesLeads: publishesLeads) { reminder in
            if found.contains(reminder.journey.rawValue) { return .found }
            return reminder.emitted.milliseconds <= unknownUpTo ? .unknown : .missing
        } letter: {
            letters.contains($0.offset) ? .found : .missing
        }
    }

    @Test func aJournalWithoutATailEndsWhereItIsConfirmed() {
        #expect(end([]) == TailEnd(head: Self.confirmed))
    }

    @Test func whatPublishedNothingIsKept() {
        #expect(end([Self.frame(6000, []), Self.frame(7000, [])]) == TailEnd(head: Self.head(7000)))
        #expect(
            end([Self.frame(6000, []), Self.frame(7000, [1]), Self.frame(8000, [])])
                == TailEnd(head: Self.head(6000), unsent: 1, cutFrames: 2))
    }

    @Test func whatMayHavePublishedLeadEventsIsReadAgain() {
        var frame = Self.frame(7000, [])
        frame.changesLeads = true
        let tail = [Self.frame(6000, []), frame]
        #expect(end(tail, publishesLeads: true) == TailEnd(head: Self.head(6000), cutFrames: 1))
        #expect(end(tail) == TailEnd(head: Self.head(7000)))
    }

    @Test func aFrameWhoseCommandsAreThereWasCommittedAndAllBeforeIt() {
        let tail = [Self.frame(6000, [1]), Self.frame(7000, []), Self.frame(8000, [2, 3]), Self.frame(9000, [])]
        #expect(end(tail, found: [1, 2, 3]) == TailEnd(head: Self.head(9000), sent: 3))
        #expect(end(tail, found: [2]) == TailEnd(head: Self.head(9000), sent: 1, unknown: 2))
    }

    @Test func aFrameWhoseCommandsAreNotThereIsDecidedAnew() {
        let tail = [Self.frame(6000, [1]), Self.frame(7000, [2, 3])]
        #expect(end(tail, found: [1]) == TailEnd(head: Self.head(6000), sent: 1, unsent: 2, cutFrames: 1))
        #expect(end(tail) == TailEnd(head: Self.confirmed, unsent: 3, cutFrames: 2))
    }

    @Test func aDeadLetterProvesItsFrame() {
        let tail = [Self.frame(6000, [], letters: [7]), Self.frame(7000, [], letters: [8])]
        #expect(end(tail, letters: [7]) == TailEnd(head: Self.head(6000), cutFrames: 1))
    }

    @Test func aCommandThatTheTopicMayHaveDeletedCountsAsSent() {
        let tail = [Self.frame(6000, [1]), Self.frame(7000, [2]), Self.frame(8000, [3])]
        #expect(end(tail, unknownUpTo: 2) == TailEnd(head: Self.head(7000), unsent: 1, unknown: 2, cutFrames: 1))
    }

    @Test func topicsOlderThanTheJournalProveNothingAgainstIt() {
        let tail = [Self.frame(6000, [1]), Self.frame(7000, [2])]
        #expect(end(tail, found: [1], keepsAll: true) == TailEnd(head: Self.head(7000), sent: 1, unknown: 1))
    }

    struct Row {
        var wanted: Int64
        var beginning: Int64 = 0
        var end: Int64 = 100
        var last: TopicMemory.Found?
        var committed: Int64?
        var place: Resumption.Place
    }

    static let rows: [Row] = [
        Row(wanted: 50, last: .same, place: .init(offset: 50)),
        Row(wanted: 50, place: .init(offset: 50)),
        Row(wanted: 100, last: .same, place: .init(offset: 100)),
        // Compaction, or an aborted message: nothing speaks against it.
        Row(wanted: 50, last: .nothing, place: .init(offset: 50)),
        Row(wanted: 50, beginning: 50, place: .init(offset: 50)),
        Row(wanted: 50, beginning: 57, place: .init(offset: 57, lost: 7)),
        Row(wanted: 101, place: .init(offset: 0, isAnother: true)),
        Row(wanted: 101, beginning: 3, place: .init(offset: 3, isAnother: true)),
        Row(wanted: 50, last: .another, place: .init(offset: 0, isAnother: true)),
        // A broker that was restored: what it had committed is in what it has.
        Row(wanted: 120, committed: 80, place: .init(offset: 80, isAnother: true)),
        Row(wanted: 90, last: .another, committed: 80, place: .init(offset: 80, isAnother: true)),
        Row(wanted: 90, last: .same, committed: 80, place: .init(offset: 90)),
        Row(wanted: 120, committed: 110, place: .init(offset: 0, isAnother: true)),
        Row(wanted: 120, beginning: 85, committed: 80, place: .init(offset: 85, isAnother: true)),
    ]

    @Test(arguments: rows.indices)
    func aTopicIsReadOnFromWhereNothingIsSkippedSilently(row: Int) {
        let row = Self.rows[row]
        let place = Resumption.place(
            wanted: row.wanted, beginning: row.beginning, end: row.end, last: row.last, committed: row.committed)
        #expect(place == row.place)
    }
}
