import Foundation
import Telemetry
import Terminal

/// The engine's log lines in a file, so that they don't disturb the show.
struct DemoLog {
    let log: Log

    init(path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        log = Log(
            screen: Screen(isTerminal: false) { text in
                // A log that can't be written stops no demo.
                try? file.write(contentsOf: Data(text.utf8))
            })
    }

    func flush() { log.flush() }
}
