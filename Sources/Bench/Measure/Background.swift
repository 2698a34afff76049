import Foundation
import Synchronization

/// Work on a thread of its own, and what has become of it.
final class Background: Sendable {
    private let outcome = Mutex<Result<Void, any Error>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init(_ name: String, _ work: @escaping @Sendable () throws -> Void) {
        let thread = Thread { [self] in
            let result = Result { try work() }
            outcome.withLock { $0 = result }
            ended.signal()
        }
        thread.name = name
        thread.start()
    }

    /// `nil` while it is under way.
    var result: Result<Void, any Error>? { outcome.withLock { $0 } }

    /// Throws what the work threw. Called once.
    func wait() throws {
        ended.wait()
        try result?.get()
    }
}
