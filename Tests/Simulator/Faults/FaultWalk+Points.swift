import DiskTestSupport

extension FaultWalk {
    /// A second fault is met by each of so many calls behind the first: a recovery, and the commit after it.
    private static let callsToRecover = 160
    /// What the second one of a pair is.
    private static let seconds: Set<Fault> = [
        .powerBefore, .killBefore, .inputOutput, .shortWrite, .lostPages, .timeOut, .lostAnswer, .late, .fenced, .lost,
    ]
    /// What the first one of a pair is not: they end in a start, as others do.
    private static let notFirst: Set<Fault> = [
        .sleep, .successor, .clockForward, .clockBack, .disconnected, .retriable,
    ]

    /// Every call with every fault that it can meet.
    public func singles(_ steps: [Step]) -> [FaultPoint] {
        let watched = clockIsWatched(from: steps)
        return steps.flatMap { step in
            step.call.faults.filter { step.number >= watched || ($0 != .clockForward && $0 != .clockBack) }
                .map { FaultPoint(call: step.number, fault: $0) }
        }
    }

    /// A process that is killed at each call, and every strike before the next start. Nobody may be away for days: then other
    /// reminders would be due. A backup is there from the stop in the middle on.
    public func strikes(_ steps: [Step]) -> [FaultPoint] {
        let middle = play(keepsSteps: true).stoppedAt ?? .max
        return steps.flatMap { step in
            Strike.allCases.filter { strike in
                switch strike {
                case .longAbsence: false
                case .olderData, .restoredBroker: step.number > middle
                case .forgottenOffsets, .divergedData, .flippedBit: true
                }
            }.map { FaultPoint(call: step.number, fault: .killBefore, strike: $0) }
        }
    }

    /// Nobody can tell that a clock is wrong before it has been seen right.
    private func clockIsWatched(from steps: [Step]) -> Int {
        guard let commit = steps.first(where: { $0.call == .commit }) else { return .max }
        return steps.filter { $0.call == .ends && $0.number > commit.number }.dropFirst().first?.number ?? .max
    }

    /// The first faults of pairs: at every call of some commits, from the frame's write on.
    public func firsts(_ steps: [Step], commits: Range<Int>) -> [FaultPoint] {
        let ends = steps.indices.filter { steps[$0].call == .commit }
        return ends.enumerated().filter { commits.contains($0.offset) }.flatMap { _, end in
            let begin = steps[..<end].lastIndex { $0.call == .membership } ?? end
            return steps[max(0, begin - 2)...min(end + 2, steps.count - 1)].flatMap { step in
                step.call.faults.filter { !Self.notFirst.contains($0) }.map { FaultPoint(call: step.number, fault: $0) }
            }
        }
    }

    /// The pairs that begin with a fault: a second one meets each call of the recovery.
    public func pairs(_ first: FaultPoint) -> [FaultPoint] {
        let behind = play(first.scheduled, keepsSteps: true).steps
            .filter { $0.number > first.call && $0.number <= first.call + Self.callsToRecover }
        return behind.flatMap { step in
            step.call.faults.filter(Self.seconds.contains).map { fault in
                FaultPoint(
                    call: first.call, fault: first.fault,
                    second: FaultPoint.Second(callsLater: step.number - first.call, fault: fault))
            }
        }
    }
}
