import Dispatch
import Synchronization

/// Work that runs once, beside whoever began it.
///
/// Safe to share: what both sides touch is behind the mutex.
final class BackgroundWork: Sendable {
    private let outcome = Mutex<Result<Void, any Error>>(.success(()))
    private let group = DispatchGroup()

    /// - Parameter run: runs what it is given: on another thread, or at once.
    init(_ run: (@escaping @Sendable () -> Void) -> Void, _ work: @escaping @Sendable () throws -> Void) {
        group.enter()
        run { [self] in
            let result = Result { try work() }
            outcome.withLock { $0 = result }
            group.leave()
        }
    }

    /// Waits until it has ended, and throws what it has thrown.
    func wait() throws {
        group.wait()
        try outcome.withLock { $0 }.get()
    }
}
