import Engine
import Foundation
import Glibc

/// Whether the engine of a data directory runs, as another process can see it without disturbing it.
enum RunningEngine: String {
    case running
    /// Its process is there, and has not said anything for a while.
    case silent
    case stopped

    /// The engine writes its status twice a second. Several times that, for a machine under load.
    static let silenceSeconds = 10.0

    /// By the status in a data directory; `nil` where there is none: it may run on another machine.
    init?(dataDirectory: String) {
        guard let status = try? EngineStatus.read(from: dataDirectory) else { return nil }
        self.init(
            processID: status.processID, phase: status.phase, statusFile: EngineStatus.path(in: dataDirectory))
    }

    /// - Parameter statusFile: what the engine writes again and again. The time of the writing counts, not the time that is
    ///   in it: a demo's clock runs fast.
    init(processID: Int32, phase: String, statusFile: String) {
        guard phase != "stopped", processID > 0, kill(processID, 0) == 0 || errno == EPERM else {
            self = .stopped
            return
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: statusFile)
        let written = attributes?[.modificationDate] as? Date
        let age = written.map { Date().timeIntervalSince($0) } ?? .infinity
        self = age <= Self.silenceSeconds ? .running : .silent
    }

    /// How long a reader waits for an engine's next word; it speaks twice a second.
    private static let patienceSeconds = 5.0

    /// What the engine of a data directory says of a moment after the call: the second writing from now, as the first may
    /// have begun before. Of an engine that does not run, or says nothing, what it said last.
    static func statusOfNow(in dataDirectory: String) -> EngineStatus? {
        let file = EngineStatus.path(in: dataDirectory)
        let deadline = Date(timeIntervalSinceNow: patienceSeconds)
        var writings: Set<Date> = []
        while RunningEngine(dataDirectory: dataDirectory) == .running, Date() < deadline {
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
            if let written = attributes?[.modificationDate] as? Date { writings.insert(written) }
            // The one that was there, and two.
            guard writings.count < 3 else { break }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return try? EngineStatus.read(from: dataDirectory)
    }
}
