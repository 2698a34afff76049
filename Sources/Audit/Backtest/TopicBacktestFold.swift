import Configuration
import Engine
import Journey
import Kafka

/// Two sets of policies over one partition's messages, in the order of their timestamps.
final class TopicBacktestFold {
    private let baseline: PolicyTrial
    private let candidate: PolicyTrial
    private let reader: InputReader
    private let translations: (baseline: FieldTranslation, candidate: FieldTranslation)
    private let lateness: Span
    private let partition: Int32
    private var newest = Instant.distantPast
    private var tally: BacktestTally

    /// Both act on everything that a topic can hold.
    private static let activation = Instant.accepted.lowerBound
    /// The clock goes on by so much at a time, as the engine's does.
    private static let tick = Span.seconds(1)

    init(
        _ configuration: Configuration, _ policies: ProposedPolicies, key: [UInt8], period: Range<Instant>,
        partition: Int32, partitionCount: Int, examples: Int
    ) throws {
        baseline = PolicyTrial(key: key)
        candidate = PolicyTrial(key: key)
        lateness = configuration.clock.lateness
        self.partition = partition
        tally = BacktestTally(period, partition: partition, examples: examples)
        reader = try InputReader(
            configuration, policies: configuration.policies + policies.policies, key: key,
            partitionCount: partitionCount)
        var text = PolicyText(configuration)
        try baseline.activate(text.text, at: Self.activation)
        text.policies = policies.policies
        if let skew = policies.conversionSkew { text.settings.conversionSkew = skew }
        try candidate.activate(text.text, at: Self.activation)
        let numbers = Dictionary(uniqueKeysWithValues: reader.pointers.enumerated().map { ($1, $0) })
        translations = (
            FieldTranslation(to: baseline, recorded: numbers), FieldTranslation(to: candidate, recorded: numbers)
        )
        tally.learn(baseline.policies, .recorded)
        tally.learn(candidate.policies, .candidate)
        if let identity = policies.identity, identity != configuration.identity {
            tally.limits { $0.hasOtherIdentity = true }
        }
    }

    func apply(_ batch: MessageBatch, _ index: Int, topic: Int) throws {
        newest = max(newest, Instant(milliseconds: batch.timestampMilliseconds(index)))
        moveClock(to: newest - lateness)
        switch reader.read(batch, index, topic: topic) {
        case .tombstone: break
        case .unknownType: tally.limits { $0.unknownTypes += 1 }
        case .refused: tally.limits { $0.refused += 1 }
        case .input(let input): apply(input)
        }
    }

    private func apply(_ input: Input) {
        tally.count(input)
        if input.addressErasedAt > .distantPast { tally.limits { $0.unmatchedErasures += 1 } }
        var tried = input
        tried.details = translations.baseline.translate(input.details, isDetailed: true)
        baseline.event(tried) { visit($0, $1, .recorded) }
        tried.details = translations.candidate.translate(input.details, isDetailed: true)
        candidate.event(tried) { visit($0, $1, .candidate) }
        if !input.details.isNone { tally.note(input.details.record, topic: input.topic, of: input.prospect) }
    }

    private func moveClock(to time: Instant) {
        guard time >= baseline.clock + Self.tick else { return }
        baseline.run(to: time, tickingUntil: .distantFuture) { visit($0, $1, .recorded) }
        candidate.run(to: time, tickingUntil: .distantFuture) { visit($0, $1, .candidate) }
    }

    private func visit(_ prospect: ProspectKey, _ facts: Facts, _ side: BacktestTally.Side) {
        var isForgotten = false
        for fact in facts {
            tally.apply(fact, of: prospect, side)
            if case .forgotten = fact { isForgotten = true }
        }
        guard isForgotten, !baseline.knows(prospect), !candidate.knows(prospect) else { return }
        tally.forget(prospect)
    }

    /// - Parameter topics: by their places in the configuration.
    func finish(now: Instant, topics: [String]) throws -> BacktestResult {
        moveClock(to: max(now, newest) - lateness)
        var result = tally.finish()
        for policy in result.policies.indices {
            for index in result.policies[policy].recordedExamples.indices {
                name(&result.policies[policy].recordedExamples[index], topics)
            }
            for index in result.policies[policy].candidateExamples.indices {
                name(&result.policies[policy].candidateExamples[index], topics)
            }
        }
        return result
    }

    private func name(_ example: inout BacktestExample, _ topics: [String]) {
        guard example.record != .none else { return }
        example.message = "\(topics[Int(example.topic)])-\(partition):\(InputReader.offset(of: example.record))"
    }
}
