import Foundation
import Synchronization

/// A thread that does nothing but sleep a millisecond at a time, and notes by how much it overslept: what the machine does to
/// any thread at that time, so that a long step can be told from a long wait for a processor.
final class PauseWitness: Sendable {
    private let longest = Mutex(0.0)
    private let isDone = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    init() {
        let thread = Thread { [self] in
            while !isDone.load(ordering: .relaxed) {
                let before = Stopwatch.now
                usleep(1_000)
                let overslept = Stopwatch.now - before - 0.001
                longest.withLock { $0 = max($0, overslept) }
            }
            ended.signal()
        }
        thread.start()
    }

    /// Ends the thread.
    ///
    /// - Returns: its longest pause, in seconds.
    func stop() -> Double {
        isDone.store(true, ordering: .relaxed)
        ended.wait()
        return longest.withLock { $0 }
    }
}
