import Foundation

@main
struct Main {
    static func main() {
        do {
            var report = BenchReport()
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("winback-bench-\(getpid())").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let traffic = BenchTraffic(events: 2_400_000, prospects: 1_000_000)
            try FileBench(traffic: traffic, folder: folder).run(&report)
            try report.printTable()
        } catch {
            FileHandle.standardError.write(Data("winback-bench: \(error)\n".utf8))
            exit(70)
        }
    }
}
