import Foundation
import Testing

/// What `scripts/mutate` breaks on purpose.
@Suite struct SabotageTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func sabotages() throws -> [String: String] {
        let folder = Self.root.appendingPathComponent("Tests/Sabotage/Sabotages")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
            })
    }

    /// A sabotage whose lines have been changed tries nothing any more: it has to be brought up to date with them.
    @Test func everySabotageStillAppliesToTheSources() throws {
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", Self.root.appendingPathComponent("scripts/mutate").path, "--list"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        try process.run()
        let complaint = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(complaint)")
    }

    /// A filter that finds nothing would look like a sabotage that nobody catches.
    @Test func theTestsThatASabotageNamesAreThere() throws {
        let files = try FileManager.default.subpathsOfDirectory(
            atPath: Self.root.appendingPathComponent("Tests").path
        ).filter { $0.hasSuffix(".swift") }
        let tests = try files.map {
            try String(contentsOf: Self.root.appendingPathComponent("Tests/\($0)"), encoding: .utf8)
        }.joined(separator: "\n")
        for (name, text) in try sabotages() {
            let filters = text.split(separator: "\n").prefix { !$0.hasPrefix("in ") }
                .filter { $0.hasPrefix("tests: ") || $0.hasPrefix("live: ") }
                .flatMap { $0.drop { $0 != " " }.dropFirst().split(separator: "|") }
            for filter in filters {
                let parts = filter.split { $0 == "." || $0 == "/" }.map(String.init)
                #expect(
                    files.contains { $0.hasPrefix(parts[0].replacing("Tests", with: "") + "/") }, "\(name): \(filter)")
                if parts.count > 1 { #expect(tests.contains("struct \(parts[1]) "), "\(name): \(filter)") }
                if parts.count > 2 { #expect(tests.contains("func \(parts[2])("), "\(name): \(filter)") }
            }
        }
    }
}
