import Configuration
import Journey

/// The timers of one shard without its events, journal and commands: for the benchmark, which asks what they cost
/// alone.
public final class TimerTrial {
    private let fold: ShardFold
    private var schedule = DueSchedule()
    private var places: ContiguousArray<BlobReference> = []
    private var taken: ContiguousArray<BlobReference> = []
    private var state = ProspectState()

    /// As many prospects as there are due times, each with one waiting journey of the configuration's first policy,
    /// whose first step is due then. No timer is queued.
    ///
    /// - Parameter dueTimes: all later than the first step's wait after 2000-01-01.
    public init(configuration: Configuration, dueTimes: [Instant]) throws {
        fold = ShardFold(key: Array(repeating: 7, count: 32), topicCount: 1)
        try fold.activate(
            ShardFold.Activation(time: .distantPast, text: configuration.canonicalPolicyText))
        guard let wait = configuration.policies.first?.steps.first?.after else {
            preconditionFailure("a configuration has a policy, and a policy a step")
        }
        places.reserveCapacity(dueTimes.count)
        for (index, due) in dueTimes.enumerated() {
            let number = UInt64(index + 1)
            state.reset()
            state.journeys.append(
                JourneyState(
                    reference: JourneyReference(rawValue: number), policy: PolicyIndex(rawValue: 0), scope: .none,
                    product: .none, openedAt: due - wait, details: .none))
            // Keys are hashes: prospects lie in the index in no order.
            let key = ProspectKey(high: number &* 0x9E37_79B9_7F4A_7C15, low: number &* 0xC2B2_AE3D_27D4_EB4F)
            guard let place = fold.prospects.store(key, state, at: nil, nextAction: nil) else {
                preconditionFailure("a prospect with a journey is kept")
            }
            places.append(place)
        }
    }

    /// Queues a prospect's timer, or moves it.
    public func queue(_ prospect: Int, at due: Instant) {
        fold.prospects.reschedule(places[prospect], nextAction: due)
    }

    /// What the timers take: the queue, and in each prospect the second that it is queued for.
    public var bytes: Int {
        fold.prospects.timers.residentBytes + places.count * MemoryLayout<UInt32>.stride
    }

    /// Takes every timer out that is queued up to a time, in the order of the seconds, as many at a time as a tick
    /// takes.
    ///
    /// - Returns: how many there were.
    public func takeAll(upTo clock: Instant) -> Int {
        var count = 0
        while true {
            taken.removeAll(keepingCapacity: true)
            let horizon = fold.prospects.takeDue(upTo: clock, limit: DueSchedule.takenAtOnce, into: &taken)
            count += taken.count
            if horizon > clock { return count }
        }
    }

    /// Takes what is due by a time in the order in which it would be decided, as many at a time as a tick does.
    ///
    /// - Returns: how many actions there were, and whether they came by due time, and by journey where those are equal.
    public func takeInOrder(upTo clock: Instant) -> (count: Int, isOrdered: Bool) {
        var (count, isOrdered) = (0, true)
        var last: DueActions.Action?
        repeat {
            schedule.beginTick()
            var decided = 0
            while decided < ShardSettings.maximumDuePerTick,
                schedule.hasNext(
                    of: fold, upTo: clock, limit: ShardSettings.maximumDuePerTick - decided, using: &state),
                let action = schedule.next()
            {
                if let last, action < last { isOrdered = false }
                last = action
                decided += 1
            }
            count += decided
            if decided == 0 { return (count, isOrdered) }
        } while true
    }
}
