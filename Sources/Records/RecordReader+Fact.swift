import Journal
import Journey

extension RecordReader {
    @inline(__always)
    mutating func fact(_ tag: UInt8) throws(RecordError) -> Fact {
        let isSame = tag & RecordLayout.sameJourney != 0
        guard let code = RecordLayout.FactCode(rawValue: tag & (RecordLayout.sameJourney - 1)),
            code.hasJourney || !isSame
        else { throw cursor.unknown("fact") }
        if code.hasJourney && !isSame { context.journey = try cursor.fixed("journey") }
        let journey = JourneyReference(rawValue: context.journey)
        switch code {
        case .opened: return .opened(try opening())
        case .detailsRefreshed:
            let selector = try cursor.byte("details selector") >> RecordLayout.Selector.detailsShift
            let at = try time()
            return .detailsRefreshed(journey, try details(selector), at: at)
        case .contactRefreshed: return .contactRefreshed(try position(), at: try time())
        case .consentChanged: return .consentChanged(try cursor.value("consent"), at: try time())
        case .activity: return .activity(journey, at: try time())
        case .reminderRequested:
            return .reminderRequested(journey, step: try cursor.byte("step"), due: try time(), emitted: try emission())
        case .reminderFound:
            return .reminderFound(journey, step: try cursor.byte("step"), due: try time(), emitted: try emission())
        case .reminderSkipped:
            let step = try cursor.byte("step")
            return .reminderSkipped(journey, step: step, due: try time(), try cursor.value("skip reason"))
        case .held:
            let since = try time()
            let until = Instant(milliseconds: since.milliseconds &+ (try cursor.signed("end of hold")))
            return .held(journey, since: since, until: until)
        case .resumed: return .resumed(journey, at: try time(), try cursor.value("resume reason"))
        case .converted: return .converted(journey, at: try time(), afterStep: try cursor.byte("step"))
        case .cancelled: return .cancelled(journey, at: try time())
        case .superseded: return .superseded(journey, by: JourneyReference(rawValue: try cursor.fixed("journey")))
        case .reentrySuppressed: return .reentrySuppressed(journey)
        case .remembered: return .remembered(try memory())
        case .optedOut: return .optedOut(at: try time())
        case .optedIn: return .optedIn(at: try time())
        case .erased: return .erased(at: try time())
        case .addressErased: return .addressErased(at: try time())
        case .expired: return .expired(journey)
        case .forgotten: return .forgotten(journey)
        case .lapsed: return .lapsed(try memory())
        case .migrated: return .migrated(journey, to: try index(try cursor.unsigned("policy")))
        case .ignored:
            let reason: IgnoreReason = try cursor.value("ignore reason")
            let policy = try cursor.unsigned("policy")
            return .ignored(reason, policy == 0 ? nil : try index(policy - 1))
        }
    }

    private func index(_ number: UInt64) throws(RecordError) -> PolicyIndex {
        guard let index = UInt16(exactly: number) else { throw cursor.unknown("policy") }
        return PolicyIndex(rawValue: index)
    }

    @inline(__always)
    private mutating func details(_ selector: UInt8) throws(RecordError) -> Details {
        switch selector {
        case RecordLayout.Selector.none: return .none
        case RecordLayout.Selector.known: return context.details
        case RecordLayout.Selector.own: return try details()
        default: throw cursor.unknown("details selector")
        }
    }

    @inline(__always)
    private mutating func opening() throws(RecordError) -> Fact.Opening {
        let journey = JourneyID(high: try cursor.fixed("journey"), low: try cursor.fixed("journey"))
        context.journey = journey.reference.rawValue
        let policy = try index(try cursor.unsigned("policy"))
        let selectors = try cursor.byte("selectors")
        let scope = try self.scope(selectors & 0b11)
        let product = try self.scope(selectors >> RecordLayout.Selector.productShift & 0b11)
        let at = try time()
        let details = try self.details(selectors >> RecordLayout.Selector.detailsShift)
        return Fact.Opening(
            journey: journey, policy: policy, scope: scope, product: product, at: at, details: details)
    }

    @inline(__always)
    private mutating func emission() throws(RecordError) -> Instant {
        Instant(milliseconds: context.clock &+ (try cursor.signed("emission")))
    }

    @inline(__always)
    private mutating func memory() throws(RecordError) -> Memory {
        let type: EventType = try cursor.value("event type")
        let selectors = try cursor.byte("selectors")
        let product = try self.scope(selectors >> RecordLayout.Selector.productShift & 0b11)
        let hasSubject = selectors & RecordLayout.Selector.subject != 0
        let subject = hasSubject ? ScopeKey(rawValue: try cursor.fixed("subject")) : .none
        return Memory(type: type, product: product, subject: subject, time: try time())
    }
}
