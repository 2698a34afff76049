import Foundation
import Testing

@testable import Configuration

/// What lies in `deploy/`, read as the tests need it.
enum DeployFolder {
    static let url = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("deploy")

    static func text(_ name: String) throws -> String {
        try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
    }

    static func yaml(_ name: String) throws -> YAMLNode { try yaml(text: text(name), name) }

    static func yaml(text: String, _ name: String) throws -> YAMLNode {
        let findings = Findings()
        let node = YAMLReader.read(
            Array(text.utf8), file: name, substitution: Substitution(environment: [:]), findings: findings)
        #expect(findings.error == nil, "\(name): \(findings.error.map { "\($0)" } ?? "")")
        return try #require(node, "\(name) is no YAML")
    }

    /// Every file of a kind, by its name in the folder.
    static func names(in folder: String, suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.appendingPathComponent(folder).path)
            .filter { $0.hasSuffix(suffix) }.sorted().map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }
}

extension YAMLNode {
    /// What lies at a path of keys and list places; `nil` where there is nothing.
    subscript(_ path: String...) -> YAMLNode? {
        var node = self
        for part in path {
            switch node.content {
            case .mapping(let entries):
                guard let entry = entries.first(where: { $0.key == part }) else { return nil }
                node = entry.value
            case .sequence(let items):
                guard let index = Int(part), items.indices.contains(index) else { return nil }
                node = items[index]
            case .scalar: return nil
            }
        }
        return node
    }

    var text: String? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar.text
    }

    var items: [YAMLNode] {
        guard case .sequence(let items) = content else { return [] }
        return items
    }

    var texts: [String] { items.compactMap(\.text) }

    var keys: [String] {
        guard case .mapping(let entries) = content else { return [] }
        return entries.map(\.key)
    }
}
