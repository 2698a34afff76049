import Contract
import Journal
import Journey
import Kafka
import Telemetry

/// Owns shards: polls their events, folds them, ticks their clocks and commits, until it is told to stop.
///
/// Each incarnation is a `Session`; whatever goes wrong in one is mended by the next, which recovers from the journal and
/// the committed offsets. Only what no recovery can mend leaves `run`.
final class Worker {
    private let context: WorkerContext
    private var backoffMilliseconds = WorkerLimits.backoffMilliseconds
    /// What the group knew this worker by when it last joined; `nil` where the answer to that was lost.
    private var memberID: String?

    init(context: WorkerContext) { self.context = context }

    func run() throws {
        while !context.stop.isRequested {
            do {
                try runSession()
                return
            } catch let end as SessionEnd {
                try recover(from: end)
            } catch let error as KafkaError {
                try recover(from: sessionEnd(error))
            } catch let error as JournalError where error.isTransient {
                try recover(from: .recover(error.description))
            }
        }
    }

    private func runSession() throws {
        let session = try Session(context: context, formerMemberID: memberID)
        defer {
            session.close()
            if session.hasSubscribed { memberID = session.memberID }
            if session.hasCommitted { backoffMilliseconds = WorkerLimits.backoffMilliseconds }
        }
        try session.run()
    }

    private func sessionEnd(_ error: KafkaError) -> SessionEnd {
        switch error.code {
        case .fenced, .unknownGroupMember: .fenced(error.message)
        case .configuration, .brokerUnavailable, .timedOut, .authenticationFailed, .notAuthorized, .topicMissing,
            .topicExists, .offsetOutOfRange, .rebalanceInProgress, .queueFull, .messageTooLarge, .transactionFailed,
            .outcomeUnknown, .unsupported, .invalidState, .other:
            .recover(error.message)
        }
    }

    private func recover(from end: SessionEnd) throws {
        switch end {
        case .stopped: return
        case .recover(let why):
            context.log.warning("recovering", ["why": .text(why)])
        case .fenced(let why):
            context.log.warning("another member may have taken over", ["why": .text(why)])
            try GroupCheck(context: context).requireNotReplaced(ownMemberID: memberID)
        }
        context.time.pause(milliseconds: backoffMilliseconds, unless: context.stop)
        backoffMilliseconds = min(backoffMilliseconds * 2, WorkerLimits.maximumBackoffMilliseconds)
    }
}

extension JournalError {
    /// Whether opening the journal again may help: a write or a sync failed. Damage needs a person.
    fileprivate var isTransient: Bool {
        switch code {
        case .inputOutput, .failed: true
        case .notFound, .locked, .damaged, .diverged, .destroyed, .frameTooLarge, .newerFormat, .notOurs, .keyLost,
            .invalidSetting:
            false
        }
    }
}
