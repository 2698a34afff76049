import Configuration
import Journal
import Journey
import Kafka
import Records

/// What a rebuilt journal begins with.
struct RebuildPlan {
    /// From when on policies act, and how that is known.
    enum Source: Equatable { case journal, given, commands, nothing }

    var activations: [ShardFold.Activation]
    var source: Source
    /// Commands that keep a step from being sent again.
    var found: [FoundReminder]
    var unknownUpTo: Instant
    /// Whether ids among those that were found would differ under another key of the data directory.
    var dependsOnKey: Bool

    /// When the policies first acted.
    var since: Instant { activations.map(\.time).min() ?? .distantPast }

    /// - Parameters:
    ///   - known: what is left of the old journals' activations, oldest first.
    ///   - since: what an operator says instead.
    init(
        known: [ShardFold.Activation], since: Instant?, published: PublishedCommands, configuration: Configuration,
        now: Instant
    ) {
        let text = configuration.canonicalPolicyText
        let backfill = configuration.policies.map(\.backfill).min() ?? .zero
        if let since {
            (activations, source) = ([ShardFold.Activation(time: since, text: text)], .given)
        } else if !known.isEmpty {
            (activations, source) = (known, .journal)
        } else if let first = published.commands.values.map(\.opened).min() {
            // Whatever waits now opened after the first that was reminded, or its reminder would have come before.
            (activations, source) = ([ShardFold.Activation(time: min(now, first + backfill), text: text)], .commands)
        } else {
            (activations, source) = ([ShardFold.Activation(time: now, text: text)], .nothing)
        }
        // A journey that is older than any policy keeps it gets no reminder in any case.
        let kept = configuration.policies.map(\.retention).max() ?? .zero
        found = published.commands.filter { $0.value.opened + kept >= now }
            .map { FoundReminder(journey: $0.key.journey, step: $0.key.step, emitted: $0.value.emitted) }
            .sorted { ($0.journey, $0.step) < ($1.journey, $1.step) }
        unknownUpTo = published.commandsUnknownUpTo
        dependsOnKey = published.dependsOnKey
    }
}

extension Recovery {
    /// Sets the journals aside that are of no use, and begins new ones that know what has been sent.
    ///
    /// The mark that a rebuild is under way is there until its offsets are committed: an engine that found empty journals and
    /// no offsets would take that for a first start.
    ///
    /// - Returns: what the broker is to be told.
    func rebuild(_ diagnosis: Diagnosis) throws -> [PartitionOffset] {
        guard var plan = diagnosis.rebuild else { preconditionFailure("a rebuild is offered with its plan") }
        let isNew = directory == nil
        let directory = try openDirectory()
        // Some ids stand on the key of the data directory, which has only just been made.
        if isNew && plan.dependsOnKey { plan = try makePlan(diagnosis.shards.count, try readPublished()) }
        let shards = diagnosis.shards.filter(\.isRebuilt)
        let anew = shards.filter { $0.base == nil }.map(\.partition)
        try directory.beginRebuild(of: anew)
        try directory.setAside(anew, as: DataDirectory.asideName(now.milliseconds))
        return try shards.flatMap { shard in
            shard.offsets(topics, try write(plan, shard), shard.base?.offsets ?? shard.beginnings)
        }
    }

    func readPublished() throws -> PublishedCommands {
        try PublishedCommands.read(
            (configuration.topics.reminders, configuration.topics.deadLetters), broker: broker,
            group: configuration.group, key: directory?.key, identity: configuration.identity, now: now,
            progress: progress)
    }

    func makePlan(_ count: Int, _ published: PublishedCommands) throws -> RebuildPlan {
        RebuildPlan(
            known: try knownActivations(count), since: since, published: published, configuration: configuration,
            now: now)
    }

    private func write(_ plan: RebuildPlan, _ shard: ShardCase) throws -> JournalHead {
        let journal = try ShardJournal.open(
            directory: shardPath(shard.partition), fileSystem: fileSystem, settings: options.journal)
        defer { try? journal.close() }
        if let base = shard.base { try journal.cut(to: base.tail.head) }
        var writer = RecordWriter()
        func begin() throws {
            try journal.beginFrame()
            writer.begin(position: journal.head.position, clock: shard.clock, to: &journal.body)
        }
        func end() throws {
            writer.end(to: &journal.body)
            _ = try journal.appendFrame()
        }
        try begin()
        // A journal that is kept has its own.
        for activation in shard.base == nil ? plan.activations : [] {
            var text = activation.text
            text.withUTF8 {
                writer.activation(at: activation.time, text: UnsafeRawBufferPointer($0), to: &journal.body)
            }
        }
        writer.intervention(.rebuilt, at: now, to: &journal.body)
        if plan.unknownUpTo > .distantPast {
            writer.intervention(.unknown, at: plan.unknownUpTo, to: &journal.body)
        }
        for reminder in plan.found {
            writer.found(reminder, to: &journal.body)
            guard journal.frameBytes >= options.journal.frameBytes else { continue }
            try end()
            try begin()
        }
        try end()
        try journal.sync()
        return journal.head
    }

    /// The activations that any journal still tells, as far as it can be read.
    func knownActivations(_ count: Int) throws -> [ShardFold.Activation] {
        let shards = (0..<Int32(count)).map { activations(in: shardPath($0)) }
        if let known = shards.max(by: { $0.count < $1.count }), !known.isEmpty { return known }
        // A rebuild that was interrupted may have set them all aside.
        guard let directory, try !directory.rebuilding().isEmpty else { return [] }
        for path in try directory.shardsAside() {
            let known = activations(in: path)
            if !known.isEmpty { return known }
        }
        return []
    }

    private func activations(in path: String) -> [ShardFold.Activation] {
        var activations: [ShardFold.Activation] = []
        do {
            var start = JournalHead.start
            if try JournalBeginning.find(in: path, fileSystem) != .start, let directory {
                // What was archived is known from a snapshot alone.
                let known = try SnapshotFile.withNewest(in: path, fileSystem, atOrBelow: JournalHead.positionLimit) {
                    log.debug("a snapshot can't be used", ["snapshot": .text($0.path), "why": .text("\($1)")])
                } _: {
                    (try StateSnapshot.load($0, key: directory.key).activations, $0.head)
                }
                (activations, start) = known ?? ([], .start)
            }
            let reader = try JournalReader(
                directory: path, fileSystem: fileSystem, from: start.position, hash: start.hash, verification: .chain)
            while let frame = try reader.next() {
                var records = try RecordReader(frame.body, position: frame.position)
                while let record = try records.next() {
                    guard case .activation(let time, let text) = record else { continue }
                    activations.append(
                        ShardFold.Activation(time: time, text: String(decoding: text, as: UTF8.self)))
                }
            }
        } catch {
            // What lies before the damage counts.
            log.debug("a journal can't be read to its end", ["why": .text("\(error)")])
        }
        return activations
    }
}
