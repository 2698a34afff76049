import Foundation

/// What the kernel says of this process's memory.
enum ProcessMemory {
    /// Bytes that are resident and no file's: what mapped journals and snapshots take can be had back at any time.
    static var anonymousBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
            let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Int($0)
            })
        else { return 0 }
        return kibibytes << 10
    }
}
