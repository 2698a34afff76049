import Foundation
import Testing

@testable import Configuration

/// The smallest configuration that is complete, with one more part at its end.
func minimal(_ more: String = "", policy: String = "") -> String {
    """
    kafka: {bootstrap.servers: localhost:9092}
    templates: [a, b]
    policies:
      - name: p
        opensOn: [checkout.started]
        convertsOn: [checkout.completed]
        steps: [{after: 1h, template: a}]
    \(policy.isEmpty ? "" : policy.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
    \(more)
    """
}

/// What is printed for a text that must be refused.
func mistakes(
    _ text: String, environment: [String: String] = [:], overrides: [String] = [], rules: KafkaRules = KafkaRules(),
    sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
    do throws(ConfigurationError) {
        _ = try Configuration.parse(
            text: text, file: "w.yaml", environment: environment, overrides: overrides, rules: rules)
        Issue.record("was accepted:\n\(text)", sourceLocation: sourceLocation)
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

/// A text, and what is printed for it: each line of it must begin so.
struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    var expected: [String]

    init(_ name: String, _ text: String, _ expected: String...) {
        self.name = name
        self.text = text
        self.expected = expected
    }

    var testDescription: String { name }

    func check() {
        let printed = mistakes(text)
        #expect(printed.count == expected.count, "\(printed)")
        for (line, beginning) in zip(printed, expected) {
            #expect(line.hasPrefix(beginning), "printed: \(line)\nexpected: \(beginning)")
        }
    }
}

/// Runs `body` with a new directory that is removed afterwards.
func withDirectory(_ body: (URL) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url)
}

func writeFile(_ path: String, _ bytes: [UInt8]) -> Bool {
    FileManager.default.createFile(atPath: path, contents: Data(bytes))
}
