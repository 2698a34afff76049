import Engine
import Journal
import Journey
import Records

/// Writes facts, journeys as they stand and commands of all journals to files, partition by partition as they are read.
public struct AuditExport {
    public enum Format: String, CaseIterable, Sendable { case ndjson, csv, sqlite }

    public struct Settings: Sendable {
        public var format: Format
        /// Whether who people are is in it: it is the user's then to protect, and to erase.
        public var personal = false
        /// Whether what is not known to be committed is in it, marked.
        public var pending = false

        public init(format: Format) { self.format = format }
    }

    public struct Counts: Sendable, Equatable {
        public var facts = 0
        public var journeys = 0
        public var commands = 0
    }

    private let source: AuditSource
    private let settings: Settings
    private let folder: String

    /// The tables' places.
    private static let facts = 0
    private static let journeys = 1
    private static let commands = 2

    /// - Parameter folder: where the files go; it is made if it is not there.
    public init(_ source: AuditSource, to folder: String, _ settings: Settings) {
        self.source = source
        self.folder = folder
        self.settings = settings
    }

    /// How often the journals are read.
    public var readings: Int64 { settings.personal ? 2 : 1 }

    /// - Returns: how many rows there are, and the files.
    public func write(
        madeAt: Instant, progress: @escaping JournalWalk.Progress = { _ in }
    ) throws -> (counts: Counts, files: [String]) {
        try ExportFile.makeFolder(folder)
        let sink = try makeSink(madeAt)
        do {
            var counts = Counts()
            for partition in try source.partitions() { try write(partition, to: sink, &counts, progress) }
            return (counts, try sink.finish())
        } catch {
            sink.abandon()
            throw error
        }
    }

    private func makeSink(_ madeAt: Instant) throws -> any ExportSink {
        let tables: [ExportTable] = [
            .facts, .journeys(personal: settings.personal), .commands(personal: settings.personal),
        ]
        switch settings.format {
        case .ndjson: return try TextExport(tables, folder: folder, format: .ndjson)
        case .csv: return try TextExport(tables, folder: folder, format: .csv)
        case .sqlite: return try SQLiteExport(tables, folder: folder, about: try about(madeAt))
        }
    }

    private func about(_ madeAt: Instant) throws -> [(String, String)] {
        var about = [
            ("made_at", madeAt.iso), ("topics", source.topics.joined(separator: ",")),
            ("personal", settings.personal ? "yes" : "no"), ("pending", settings.pending ? "yes" : "no"),
        ]
        for partition in try source.partitions() {
            let head = try ShardHead.read(source, partition: partition).head
            about.append(("partition \(partition)", "committed up to \(head.position), hash \(head.hash)"))
        }
        return about
    }

    private func write(
        _ partition: Int32, to sink: any ExportSink, _ counts: inout Counts, _ progress: @escaping JournalWalk.Progress
    ) throws {
        let people = settings.personal ? try PeopleLookup(source, partition: partition, progress: progress) : nil
        let reading = try ShardReading(source, partition: partition, pending: settings.pending)
        func person(_ prospect: ProspectKey, _ places: PersonRecords) throws -> [ExportValue] {
            guard let people else { return [] }
            return ExportValue.person(try people.person(prospect, places))
        }
        var written = counts
        try reading.read(
            progress: progress,
            facts: { place in
                written.facts += 1
                try sink.append(row(place, partition), to: Self.facts)
            },
            commands: { command in
                written.commands += 1
                try sink.append(
                    row(command) + (try person(command.prospect, command.records)), to: Self.commands)
            })
        try reading.forEachJourney { journey in
            written.journeys += 1
            try sink.append(row(journey) + (try person(journey.prospect, journey.records)), to: Self.journeys)
        }
        counts = written
    }

    // MARK: Rows

    private func row(_ place: ShardReading.FactPlace, _ partition: Int32) -> [ExportValue] {
        let fact = place.row
        let (cause, input): (String, Input?) =
            switch place.cause {
            case .none: ("", nil)
            case .timer: ("timer", nil)
            case .migration: ("migration", nil)
            case .erasureByAddress: ("erasure-by-address", nil)
            case .event(let input): (input.type.name, input)
            }
        return [
            .integer(partition), .integer(place.position), .integer(place.number), .time(place.clock), .text(cause),
            .time(input?.time), .text(input.map { source.topicName($0.topic) }),
            input.map { .integer($0.offset) } ?? .none, .key(place.prospect), .text(fact.name),
            fact.journey.map { .key($0.rawValue, place.low ?? 0) } ?? .none, fact.step.map { .integer($0) } ?? .none,
            .time(fact.at), .time(fact.due), .time(fact.until), .text(fact.reason),
            .text(place.version?.policy.name), place.version.map { .integer($0.number) } ?? .none,
            .boolean(place.isPending),
        ]
    }

    private func row(_ command: CommandRow) -> [ExportValue] {
        [
            .text(command.id), .key(command.journey), .integer(command.step + 1), .key(command.prospect),
            .text(command.version.policy.name), .integer(command.version.number), .text(command.template),
            .time(command.due), .time(command.emitted), .time(command.expires), .integer(command.partition),
            .integer(command.position), command.digest.map { .key($0.high, $0.low) } ?? .none,
            .boolean(command.isPending),
        ]
    }

    private func row(_ journey: JourneyRow) -> [ExportValue] {
        [
            .key(journey.id), .key(journey.prospect), .text(journey.version.policy.name),
            .integer(journey.version.number), .text(journey.status.name), .time(journey.openedAt),
            .time(journey.activityAt), .integer(journey.stepsDone), .integer(journey.steps),
            .time(journey.nextReminderAt), .text(journey.nextTemplate), .time(journey.endedAt),
            .integer(journey.partition), .boolean(journey.isPending),
        ]
    }
}
