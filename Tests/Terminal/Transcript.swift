import Synchronization
import Terminal

/// Remembers what was written to a screen.
final class Transcript: Sendable {
    private let written = Mutex("")

    var text: String { written.withLock { $0 } }
    var lines: [String] { text.split(separator: "\n").map(String.init) }

    func screen(isTerminal: Bool = false, width: Int = 80, usesColour: Bool = false) -> Screen {
        Screen(isTerminal: isTerminal, width: width, usesColour: usesColour) { text in
            self.written.withLock { $0 += text }
        }
    }
}

/// A clock that stands still until it is moved.
final class ManualClock: Sendable {
    private let time = Mutex(Duration.zero)

    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    var now: Duration { time.withLock { $0 } }
}
