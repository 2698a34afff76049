import Dispatch
import Glibc
import Synchronization
import Terminal

/// Turns the first Ctrl-C or SIGTERM into a request to finish; the second one ends the process at once, which loses nothing
/// that was committed.
final class Interruption {
    private let sources: [any DispatchSourceSignal]

    init(_ finish: @escaping @Sendable () -> Void) {
        let counter = Counter()
        sources = [SIGINT, SIGTERM].map { number in
            // The default action would end the process before the source is told.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler {
                if counter.next() == 1 { finish() } else { _exit(ExitCode.interrupted.rawValue) }
            }
            source.activate()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }

    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    }
}

/// Raised once, seen by another thread.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    func raise() { value.store(true, ordering: .releasing) }
    var isRaised: Bool { value.load(ordering: .acquiring) }
}
