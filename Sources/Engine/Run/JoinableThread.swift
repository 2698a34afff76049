import Foundation

/// A thread that can be waited for.
final class JoinableThread: @unchecked Sendable {
    // `thread` is made once and only started; the semaphore is safe to share.
    private let finished = DispatchSemaphore(value: 0)
    private let thread: Thread
    private static let stackBytes = 4 << 20

    init(name: String, _ body: @escaping @Sendable () -> Void) {
        let finished = finished
        thread = Thread {
            body()
            finished.signal()
        }
        thread.name = name
        thread.stackSize = Self.stackBytes
    }

    func start() { thread.start() }

    /// Returns once the body has; at most one caller.
    func wait() { finished.wait() }
}
