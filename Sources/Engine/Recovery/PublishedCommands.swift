import Foundation
import Journey
import Kafka

/// What the reminder topic and the dead-letter topic hold: whether a frame was committed shows in what it published.
struct PublishedCommands {
    /// What names a command: its journey, and its step from 0.
    struct Name: Hashable {
        var journey: JourneyReference
        var step: UInt8
    }

    struct Command {
        var emitted: Instant
        /// When the journey had opened.
        var opened: Instant
    }

    struct Letter: Hashable {
        var topic: String
        var partition: Int32
        var offset: Int64
    }

    private(set) var commands: [Name: Command] = [:]
    private(set) var letters: Set<Letter> = []
    /// What was sent to the topics up to then may have been deleted; `distantPast` if they hold all that there ever was.
    var commandsUnknownUpTo = Instant.distantPast
    var lettersUnknownUpTo = Instant.distantPast
    /// Messages of the reminder topic that are no commands.
    private(set) var others = 0
    /// Whether a command's journey has an id that stands on the key of the data directory.
    private(set) var dependsOnKey = false

    /// The commands of so many reminders are kept at most: some 1 GiB.
    static let maximumCommands = 10_000_000

    static func read(
        _ topics: (reminders: String, deadLetters: String), broker: any Broker, group: String, key: [UInt8]?,
        identity: CommandText.Identity, now: Instant, progress: (String, Int) -> Void
    ) throws -> PublishedCommands {
        var published = PublishedCommands()
        let text = CommandText(key: key, identity: identity)
        published.commandsUnknownUpTo = try scan(topics.reminders, broker, group, now, progress) { batch, index in
            try published.add(command: text.read(batch.value(index)), topics.reminders)
        }
        published.lettersUnknownUpTo = try scan(topics.deadLetters, broker, group, now, progress) { batch, index in
            published.add(letter: batch, index)
        }
        return published
    }

    /// - Returns: up to when messages may have been deleted.
    private static func scan(
        _ topic: String, _ broker: any Broker, _ group: String, _ now: Instant,
        _ progress: (String, Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
    ) throws -> Instant {
        var first: [Int32: Instant] = [:]
        let beginnings = try broker.scan(topic, group: "\(group)-recover") {
            progress(topic, $0)
        } _: { batch, index in
            let time = Instant(milliseconds: batch.timestampMilliseconds(index))
            if first[batch.partition(index)] == nil { first[batch.partition(index)] = time }
            try visit(batch, index)
        }
        guard let beginnings else { return now }
        let unknown = beginnings.filter { $0.value > 0 }.map { first[$0.key] ?? now }
        return unknown.max() ?? .distantPast
    }

    mutating func add(command: CommandText.Command?, _ topic: String) throws {
        guard let command else {
            others += 1
            return
        }
        if command.dependsOnKey { dependsOnKey = true }
        let name = Name(journey: command.journey, step: command.step)
        // The first one is the one that was sent; a later one of the same name would be a copy.
        guard commands[name] == nil else { return }
        guard commands.count < Self.maximumCommands else {
            throw EngineError(
                .tooManyCommands,
                """
                \(topic) holds more than \(Self.maximumCommands) commands, which is more than can be looked through at once. \
                Restore a backup of the data directory instead.
                """)
        }
        commands[name] = Command(emitted: command.emitted, opened: command.opened)
    }

    private mutating func add(letter batch: MessageBatch, _ index: Int) {
        var headers: [MessageHeader] = []
        batch.headers(index, into: &headers)
        var values: [String: String] = [:]
        for header in headers {
            let name = String(decoding: header.name, as: UTF8.self)
            guard name.hasPrefix("__connect.errors.") else { continue }
            // A message that was refused twice bears them twice: the last ones count.
            values[name] = header.value.map { String(decoding: $0, as: UTF8.self) }
        }
        guard let topic = values["__connect.errors.topic"],
            let partition = values["__connect.errors.partition"].flatMap({ Int32($0) }),
            let offset = values["__connect.errors.offset"].flatMap({ Int64($0) })
        else { return }
        letters.insert(Letter(topic: topic, partition: partition, offset: offset))
    }
}
