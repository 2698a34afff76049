import Audit
import Engine
import Foundation
import Journal
import Journey
import Terminal

/// Finds the people that a question is about and reads their histories, with a progress bar; says what was searched where
/// there is nobody.
struct PersonAnswer {
    let source: AuditSource
    let person: PersonOptions
    let asOf: Instant?
    let pending: Bool

    enum Outcome {
        case people([ProspectHistory])
        case message(PassedMessage)
    }

    /// So many people at most are answered about at once: an address that more have is a placeholder.
    private static let maximumPeople = 20

    func read() throws -> Outcome {
        guard let question = try person.question(source) else {
            throw UsageError(.missingArgument, "say who: --prospect, --email, --journey, --command or --message")
        }
        let progress = try AuditProgress(source, "searching the journal")
        let result = try PersonFinder(source, question, pending: pending).find { progress.advance($0) }
        progress.done()
        if let message = result.message { return .message(message) }
        guard result.found.count <= Self.maximumPeople else {
            throw CommandError(.usage, "\(result.found.count) people have \(person.text): name one with --prospect")
        }
        let reading = try AuditProgress(source, "reading the journal")
        let histories = try result.found.map { found in
            try HistoryReader.read(
                source, found, asOf: asOf ?? .distantFuture, pending: pending, progress: { reading.advance($0) })
        }.filter { !$0.entries.isEmpty }
        reading.done()
        if histories.isEmpty { throw CommandError(.noInput, try nobody(result)) }
        try requireOne(histories, question)
        return .people(histories)
    }

    /// An address may be several prospects', and is one person's; an id of several tenants is several people's.
    private func requireOne(_ histories: [ProspectHistory], _ question: PersonQuestion) throws {
        guard case .prospect(let id, nil) = question else { return }
        let tenants = Set(histories.map { $0.person?.tenant ?? "" })
        guard tenants.count > 1 else { return }
        let list = tenants.sorted().map { $0.isEmpty ? "one that is not known any more" : $0 }.joined(separator: ", ")
        throw CommandError(
            .usage, "several tenants have a prospect \(id): \(list); say which one with --tenant")
    }

    private func nobody(_ result: PersonFinder.Result) throws -> String {
        var text = "the journal knows nothing of \(person.text)"
        if let asOf { text += " up to \(TimeText.utc(asOf.milliseconds))" }
        text += ". Searched: "
        let partitions = try source.partitions()
        text += "\(partitions.count) partition\(partitions.count == 1 ? "" : "s")"
        if !source.topics.isEmpty { text += " of \(source.topics.joined(separator: ", "))" }
        let tenants = result.tenants.filter { !$0.isEmpty }
        if !tenants.isEmpty { text += ", tenants \(tenants.joined(separator: ", "))" }
        if let span = try JournalSpan.read(source) {
            text += ". The journal begins with the event of \(TimeText.utc(span.firstEvent.milliseconds))"
            text += " and was begun at \(TimeText.utc(span.activatedAt.milliseconds))"
        }
        return text
            + ". If events of this person exist, look whether they became dead letters (winback dead-letters list), or are"
            + " under another id or address."
    }
}

/// A progress bar for readings of all journals.
final class AuditProgress {
    private let bar: ProgressBar
    private var bytes: Int64 = 0

    /// - Parameter times: how often the journals are read.
    init(_ source: AuditSource, _ label: String, times: Int64 = 1) throws {
        let bytes = try source.partitions().reduce(Int64(0)) { try $0 + JournalWalk(source, partition: $1).bytes }
        let total = bytes * times
        bar = ProgressBar(label, total: total >> 20, unit: "MiB")
    }

    func advance(_ count: Int64) {
        bytes += count
        bar.update(to: bytes >> 20)
    }

    func done() { bar.clear() }
}
