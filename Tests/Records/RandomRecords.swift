import Journey
import RandomTestSupport
import Records

extension SeededGenerator {
    mutating func one<Value>(of values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &self)] }
}

/// A record that holds its bytes itself, as a test needs it.
enum Written: Equatable {
    case record(Record)
    case activation(Instant, [UInt8])
}

/// Records of every kind; most of them ordinary, some with values at the ends of their types.
extension SeededGenerator {
    static let factKinds = 24

    mutating func time() -> Instant {
        if chance(3) { return Instant(milliseconds: one(of: [Int64.min, .max, 0, Int64.min / 4, Int64.max / 4])) }
        return Instant(milliseconds: Int64.random(in: 1_760_000_000_000..<1_760_000_100_000, using: &self))
    }

    /// Few different ones, so that the table of scopes is hit, missed and overwritten.
    mutating func scope() -> ScopeKey {
        if chance(30) { return .none }
        return ScopeKey(rawValue: chance(70) ? UInt64.random(in: 1..<8, using: &self) << 6 | 5 : next())
    }

    mutating func journey() -> JourneyReference {
        JourneyReference(rawValue: chance(50) ? UInt64.random(in: 0..<3, using: &self) : next())
    }

    mutating func position() -> RecordPosition {
        RecordPosition(rawValue: chance(90) ? UInt64.random(in: 0..<1 << 48, using: &self) : next())
    }

    mutating func details() -> Details {
        if chance(30) { return .none }
        return Details(record: position(), hash: next() >> 16, fields: chance(90) ? next() >> 58 : next())
    }

    mutating func input() -> Input {
        Input(
            type: one(of: EventType.allCases), prospect: ProspectKey(high: next(), low: next()), time: time(),
            topic: chance(80) ? 0 : UInt8.random(in: 0...255, using: &self),
            offset: chance(90) ? Int64.random(in: 0..<1_000_000, using: &self) : one(of: [.max, .min, -1, 0]),
            tenant: scope(), product: scope(), subject: scope(),
            seed: chance(70) ? JourneyID(high: 0, low: 0) : JourneyID(high: chance(50) ? 0 : next(), low: next()),
            consent: one(of: [.unknown, .given, .withheld]), address: one(of: [.missing, .usable, .unusable]),
            details: details(), addressErasedAt: chance(80) ? .distantPast : time())
    }

    mutating func memory() -> Memory {
        Memory(type: one(of: EventType.allCases), product: scope(), subject: scope(), time: time())
    }

    mutating func fact(_ kind: Int, after input: Input) -> Fact {
        let details = chance(50) ? input.details : details()
        let step = UInt8.random(in: 0...255, using: &self)
        return switch kind {
        case 0:
            .opened(
                Fact.Opening(
                    journey: JourneyID(high: next(), low: next()),
                    policy: PolicyIndex(rawValue: UInt16.random(in: 0...(.max), using: &self)), scope: scope(),
                    product: chance(50) ? input.product : scope(), at: time(), details: details))
        case 1: .detailsRefreshed(journey(), details, at: time())
        case 2: .contactRefreshed(position(), at: time())
        case 3: .consentChanged(one(of: [.unknown, .given, .withheld]), at: time())
        case 4: .activity(journey(), at: time())
        case 5: .reminderRequested(journey(), step: step, due: time(), emitted: time())
        case 6: .reminderSkipped(journey(), step: step, due: time(), one(of: SkipReason.allCases))
        case 7: .held(journey(), since: time(), until: time())
        case 8: .resumed(journey(), at: time(), one(of: ResumeReason.allCases))
        case 9: .converted(journey(), at: time(), afterStep: step)
        case 10: .cancelled(journey(), at: time())
        case 11: .superseded(journey(), by: journey())
        case 12: .reentrySuppressed(journey())
        case 13: .remembered(memory())
        case 14: .optedOut(at: time())
        case 15: .optedIn(at: time())
        case 16: .erased(at: time())
        case 17: .expired(journey())
        case 18: .forgotten(journey())
        case 19: .lapsed(memory())
        case 20: .reminderFound(journey(), step: step, due: time(), emitted: time())
        case 22: .addressErased(at: time())
        case 21: .migrated(journey(), to: PolicyIndex(rawValue: UInt16.random(in: 0...(.max), using: &self)))
        default:
            .ignored(
                one(of: IgnoreReason.allCases),
                chance(50) ? nil : PolicyIndex(rawValue: UInt16.random(in: 0...(.max), using: &self)))
        }
    }

    mutating func records(_ count: Int) -> [Written] {
        var records: [Written] = []
        while records.count < count {
            let place = MessagePlace(
                topic: chance(80) ? 0 : 3, offset: Int64.random(in: 0..<1_000_000, using: &self), time: time())
            switch Int.random(in: 0..<19, using: &self) {
            case 16: records.append(.record(.command(CommandDigest(high: next(), low: next()))))
            case 17: records.append(.record(.address(next())))
            case 18:
                let prospect = ProspectKey(high: next(), low: next())
                records.append(.record(.destroyed(prospect, before: position(), at: time())))
            case 7: records.append(.record(.intervention(one(of: Intervention.allCases), at: time())))
            case 8:
                let step = UInt8.random(in: 0...255, using: &self)
                records.append(.record(.found(FoundReminder(journey: journey(), step: step, emitted: time()))))
            case 0: records.append(.record(.refused(place, reason: UInt8.random(in: 0...255, using: &self))))
            case 1: records.append(.record(.tombstone(place)))
            case 2: records.append(.record(.unknownType(place)))
            case 3: records.append(.record(.tick(clock: time())))
            case 4: records.append(.record(.timer(ProspectKey(high: next(), low: next()))))
            case 9: records.append(.record(.match(ProspectKey(high: next(), low: next()))))
            case 5: records.append(.record(.migration(ProspectKey(high: next(), low: next()))))
            case 6:
                let text = (0..<Int.random(in: 0..<600, using: &self)).map { _ in
                    UInt8.random(in: 32..<127, using: &self)
                }
                records.append(.activation(time(), text))
            default:
                let input = input()
                records.append(.record(.input(input)))
                for _ in 0..<Int.random(in: 0..<4, using: &self) {
                    records.append(.record(.fact(fact(Int.random(in: 0..<Self.factKinds, using: &self), after: input))))
                }
            }
        }
        return records
    }
}
