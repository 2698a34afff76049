import Engine
import Foundation
import Synchronization

/// Runs an engine beside the caller, and keeps what it ended with.
final class EngineThread: Sendable {
    let engine: Engine
    private let outcome = Mutex<Result<Void, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(_ engine: Engine) { self.engine = engine }

    func start() {
        let thread = Thread { [self] in
            let result = Result { try engine.run() }
            outcome.withLock { $0 = result }
            done.signal()
        }
        thread.name = "winback-engine"
        thread.start()
    }

    /// Throws what the engine threw, if it has ended with an error.
    func requireGoing() throws {
        if case .failure(let error) = outcome.withLock({ $0 }) { throw error }
    }

    /// Asks the engine to finish, waits until it has, and throws what it threw.
    func finish() throws {
        engine.stop.request()
        done.wait()
        done.signal()
        try requireGoing()
    }
}
