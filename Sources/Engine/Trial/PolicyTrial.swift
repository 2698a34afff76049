import Configuration
import Journey
import Records

/// Decides one shard's inputs under policies of its own, in memory alone: what other policies would have done.
///
/// The decisions are the engine's (`decide`, `decideDue`, `decideBacklog`, `evolve`), and so is the state. Only what a live
/// shard does with a decision is missing: nothing is journalled or published. One thread owns a trial.
public final class PolicyTrial {
    /// So many timers are taken out of the queue at once.
    private static let timersAtOnce = 10_000
    /// Where details lie that the journal has not kept: a place that no record has, because journals begin behind it.
    static let unkept = RecordPosition(rawValue: 1)

    private struct Work {
        var state = ProspectState()
        var facts = Facts()
    }

    private let fold: ShardFold
    private let digest = PublicDigest()
    private var due = DueActions()
    private var found: ContiguousArray<DueActions.Action> = []
    private var taken: ContiguousArray<BlobReference> = []
    /// In memory of its own, because a class's property is copied for every call that reads it.
    private let work = UnsafeMutablePointer<Work>.allocate(capacity: 1)

    /// What was decided of a prospect. The facts are valid during the call.
    public typealias Visit = (ProspectKey, Facts) throws -> Void

    /// - Parameter key: the data directory's, where tenants and products are to be the numbers that its inputs carry.
    public init(key: [UInt8]) {
        fold = ShardFold(key: key, topicCount: 0)
        work.initialize(to: Work())
    }

    deinit {
        work.deinitialize(count: 1)
        work.deallocate()
    }

    public var policies: PolicySet { fold.policies }
    public var clock: Instant { fold.clock }

    /// - Parameter text: a canonical policy text, as journals hold it.
    public func activate(_ text: String, at time: Instant) throws {
        try fold.activate(ShardFold.Activation(time: time, text: text))
    }

    public func intervene(_ intervention: Intervention, at time: Instant) { fold.intervene(intervention, at: time) }

    public func note(_ reminder: FoundReminder) { fold.note(reminder) }

    /// The number by which inputs name a field that some activation has used.
    public func number(ofField pointer: String) -> Int? { fold.keys.number(ofField: pointer) }

    /// Whether anything is known of the person.
    public func knows(_ prospect: ProspectKey) -> Bool {
        fold.prospects.load(prospect, into: &work.pointee.state) != nil
    }

    /// When the person's next action is due; `nil` where nothing is.
    public func nextAction(of prospect: ProspectKey) -> Instant? {
        guard knows(prospect) else { return nil }
        return fold.policies.nextAction(work.pointee.state)
    }

    /// Decides an event at the clock.
    ///
    /// A journal keeps an event's seed and record only as far as its own decisions depended on them. What this decision needs
    /// besides is derived: an id from person and time, as of an event that has no id, and a place that stands for details
    /// which were not kept.
    public func event(_ recorded: Input, _ visit: Visit) rethrows {
        let policies = fold.policies
        try settle(recorded, policies, visit)
        var input = recorded
        let place = fold.prospects.load(input.prospect, into: &work.pointee.state)
        if input.seed == JourneyID(high: 0, low: 0), policies.mayOpen(input, work.pointee.state) {
            input.seed = digest.seed(of: input.prospect, at: input.time)
        }
        if input.details.record == .none { input.details.record = Self.unkept }
        work.pointee.facts.clear()
        policies.decide(work.pointee.state, input, at: fold.clock, into: &work.pointee.facts)
        Self.complete(&work.pointee)
        try apply(input.prospect, at: place, policies, visit)
    }

    /// In a rebuilt journal, which reads all events before its first tick: what lies behind the event's prospect.
    private func settle(_ input: Input, _ policies: PolicySet, _ visit: Visit) rethrows {
        guard policies.readsAgain(at: fold.clock),
            let place = fold.prospects.load(input.prospect, into: &work.pointee.state)
        else { return }
        work.pointee.facts.clear()
        policies.decideBacklog(work.pointee.state, at: input.time, into: &work.pointee.facts)
        if work.pointee.facts.isEmpty { return }
        try apply(input.prospect, at: place, policies, visit)
    }

    /// Details that lack what the journey already knew are completed, as the live shard completes the record. Of a hash that
    /// nobody has computed it only matters that it is another one.
    private static func complete(_ work: inout Work) {
        for index in work.facts.indices {
            guard case .detailsRefreshed(let reference, var details, let at) = work.facts[index],
                let journey = work.state.journeys.first(where: { $0.reference == reference }), journey.lacks(details)
            else { continue }
            details.fields |= journey.details.fields
            details.hash = max(1, (details.hash &* 0x9E37_79B9_7F4A_7C15 ^ journey.details.hash) & 0xFFFF_FFFF_FFFF)
            work.facts[index] = .detailsRefreshed(reference, details, at: at)
        }
    }

    /// Moves the person's journeys to the newest versions of their policies.
    public func migrate(_ prospect: ProspectKey, _ visit: Visit) rethrows {
        try decide(of: prospect, visit) { policies, state, facts in policies.decideMigration(state, into: &facts) }
    }

    /// Erases a person whose address an erasure has named.
    public func erase(_ prospect: ProspectKey, at time: Instant, _ visit: Visit) rethrows {
        try decide(of: prospect, visit) { policies, state, facts in
            policies.decideErasure(state, at: time, into: &facts)
        }
    }

    private func decide(
        of prospect: ProspectKey, _ visit: Visit, _ decide: (PolicySet, ProspectState, inout Facts) -> Void
    ) rethrows {
        let policies = fold.policies
        let place = fold.prospects.load(prospect, into: &work.pointee.state)
        work.pointee.facts.clear()
        decide(policies, work.pointee.state, &work.pointee.facts)
        if work.pointee.facts.isEmpty { return }
        try apply(prospect, at: place, policies, visit)
    }

    private func apply(
        _ prospect: ProspectKey, at place: BlobReference?, _ policies: PolicySet, _ visit: Visit
    ) rethrows {
        var isChanged = false
        for index in work.pointee.facts.indices where work.pointee.facts[index].changesState {
            policies.evolve(&work.pointee.state, work.pointee.facts[index])
            isChanged = true
        }
        if isChanged {
            fold.prospects.store(
                prospect, work.pointee.state, at: place, nextAction: policies.nextAction(work.pointee.state))
        }
        try visit(prospect, work.pointee.facts)
    }

    // MARK: The clock

    /// Lets the clock go on to a time that the shard's clock is known to have had, and decides what is due on the way.
    ///
    /// - Parameter free: until when the clock may be taken to have ticked all the time: what is due before it is decided at
    ///   the very moment at which it is due. What is due later is decided at `end`.
    public func run(to end: Instant, tickingUntil free: Instant, _ visit: Visit) rethrows {
        guard end > fold.clock else { return }
        let begin = fold.clock
        let behind = Instant(milliseconds: end.milliseconds + 1)
        var horizon = Instant.distantPast
        while horizon <= end {
            horizon = takeDue(upTo: end)
            while let action = due.next(before: min(horizon, behind)) {
                fold.clock = action.due < free ? max(begin, action.due) : end
                try decide(action, upTo: end, visit)
            }
        }
        fold.clock = end
    }

    private func takeDue(upTo end: Instant) -> Instant {
        taken.removeAll(keepingCapacity: true)
        let policies = fold.policies
        let horizon = fold.prospects.takeDue(upTo: end, limit: Self.timersAtOnce, into: &taken)
        for place in taken {
            let prospect = fold.prospects.load(at: place, into: &work.pointee.state)
            let next = policies.forEachDue(work.pointee.state, at: end) { due, journey in
                found.append(DueActions.Action(due: due, journey: journey, prospect: prospect))
            }
            let isDue = next.map { $0 <= end } ?? false
            fold.prospects.reschedule(place, nextAction: isDue ? nil : next)
        }
        due.take(&found)
        return horizon
    }

    private func decide(_ action: DueActions.Action, upTo end: Instant, _ visit: Visit) rethrows {
        let policies = fold.policies
        guard let place = fold.prospects.load(action.prospect, into: &work.pointee.state) else { return }
        work.pointee.facts.clear()
        policies.decideDue(work.pointee.state, action.journey, at: fold.clock, into: &work.pointee.facts)
        if work.pointee.facts.isEmpty { return }
        try apply(action.prospect, at: place, policies, visit)
        // What follows in the same time has its turn among the others. Its timer comes up, too; then nothing is due.
        policies.forEachDue(work.pointee.state, at: end) { due, journey in
            self.due.append(DueActions.Action(due: due, journey: journey, prospect: action.prospect))
        }
    }
}
