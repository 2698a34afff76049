import Dispatch
import Synchronization

/// Runs one commit at a time beside its worker, which folds the next batch meanwhile.
///
/// Safe to share: what both sides touch is behind the mutex.
final class CommitLane: Sendable {
    private enum State {
        case idle
        case running
        case ended(Result<Void, any Error>)
    }

    private let state = Mutex(State.idle)
    private let work = DispatchGroup()
    private let queue: DispatchQueue?

    /// - Parameter runsAtOnce: on the thread that begins a commit, which has ended when `begin` returns.
    init(runsAtOnce: Bool = false) {
        queue = runsAtOnce ? nil : DispatchQueue(label: "winback.commit", qos: .userInitiated)
    }

    /// Begins a commit. The outcome of the one before has been taken.
    func begin(_ commit: @escaping @Sendable () throws -> Void) {
        state.withLock { state in
            guard case .idle = state else { preconditionFailure("one commit at a time is under way") }
            state = .running
        }
        guard let queue else {
            let outcome = Result { try commit() }
            return state.withLock { $0 = .ended(outcome) }
        }
        work.enter()
        queue.async { [self] in
            let outcome = Result { try commit() }
            state.withLock { $0 = .ended(outcome) }
            work.leave()
        }
    }

    /// The outcome of the commit that was begun; `nil` while it is under way, or when none was.
    func take() -> Result<Void, any Error>? {
        state.withLock { state in
            guard case .ended(let outcome) = state else { return nil }
            state = .idle
            return outcome
        }
    }

    /// Waits until no commit is under way.
    func wait() { work.wait() }

    /// Waits until no commit is under way. False when one still is after `milliseconds`.
    func wait(milliseconds: Int) -> Bool { work.wait(timeout: .now() + .milliseconds(milliseconds)) == .success }
}
