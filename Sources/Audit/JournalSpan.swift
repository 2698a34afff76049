import Engine
import Journal
import Journey
import Records

/// Since when a data directory's journals know things.
public struct JournalSpan: Sendable, Equatable {
    /// The first event's own time.
    public var firstEvent: Instant
    /// When the first configuration was put to use.
    public var activatedAt: Instant

    /// Looks at so many frames of a journal at most: one that is full of messages that say nothing is no help anyway.
    private static let maximumFrames = 1000

    private struct Found: Error {}

    /// `nil` where the journals hold no event yet.
    public static func read(_ source: AuditSource) throws -> JournalSpan? {
        var span: JournalSpan?
        for partition in try source.partitions() {
            guard let other = try read(source, partition) else { continue }
            span = JournalSpan(
                firstEvent: min(span?.firstEvent ?? other.firstEvent, other.firstEvent),
                activatedAt: min(span?.activatedAt ?? other.activatedAt, other.activatedAt))
        }
        return span
    }

    private static func read(_ source: AuditSource, _ partition: Int32) throws -> JournalSpan? {
        var activatedAt: Instant?
        var first: Instant?
        var frames = 0
        do {
            try JournalWalk(source, partition: partition).frames(pending: true) { step in
                var reader = try RecordReader(step.frame.body, position: step.frame.position)
                while first == nil, let record = try reader.next() {
                    if case .activation(let at, _) = record, activatedAt == nil { activatedAt = at }
                    if case .input(let input) = record { first = input.time }
                }
                frames += 1
                if first != nil || frames == maximumFrames { throw Found() }
            }
        } catch is Found {}
        guard let first, let activatedAt else { return nil }
        return JournalSpan(firstEvent: first, activatedAt: activatedAt)
    }
}
