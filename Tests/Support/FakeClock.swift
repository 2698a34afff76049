import Foundation

/// A wall clock that can be set, for programs that are started under it. Time since the machine's start is the machine's
/// own, as where somebody sets a machine's clock. `Tests/CFakeClock` is what shows it to a program.
public final class FakeClock {
    /// Not in a program with a sanitizer (`scripts/sanitize` sets the variable): that waits by the machine's clock, whatever
    /// the program is shown, so that its waits for moments end an hour early or late.
    public static let isSeenByPrograms = ProcessInfo.processInfo.environment["SANITIZER"] == nil

    private let file: URL
    private var aheadSeconds: Int64 = 0

    /// - Parameter folder: where it keeps how far it is ahead.
    public init(in folder: URL) throws {
        file = folder.appendingPathComponent("clock-\(UUID().uuidString)")
        try Data(count: MemoryLayout<Int64>.size).write(to: file)
    }

    /// The time that it shows.
    public var now: Date { Date().addingTimeInterval(Double(aheadSeconds)) }

    /// Sets it; running programs see it at once.
    public func set(aheadSeconds: Int64) throws {
        self.aheadSeconds = aheadSeconds
        // In its place: the file is mapped by those programs.
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        try handle.write(contentsOf: withUnsafeBytes(of: aheadSeconds) { Data($0) })
    }

    /// Sets it to a moment.
    public func set(_ moment: Date) throws { try set(aheadSeconds: Int64(moment.timeIntervalSinceNow)) }

    /// What starts a program under it.
    public var launcher: [String] {
        get throws {
            let library = EngineProcess.folder.appendingPathComponent("libFakeClock.so").path
            guard FileManager.default.fileExists(atPath: library) else {
                throw TimedOut(description: "no \(library): build it first")
            }
            return ["/usr/bin/env", "LD_PRELOAD=\(library)", "FAKE_CLOCK_FILE=\(file.path)"]
        }
    }
}
