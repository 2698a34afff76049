import Foundation
import Journey
import Testing

@testable import Configuration

/// `deploy/winback.yaml` is where people look settings up: it must have all of them, and tell the truth.
@Suite struct CommentedConfigurationTests {
    private let text: String
    private let root: YAMLNode

    init() throws {
        text = try DeployFolder.text("winback.yaml")
        root = try DeployFolder.yaml("winback.yaml")
    }

    @Test func theProgramAcceptsIt() throws {
        let path = DeployFolder.url.appendingPathComponent("winback.yaml").path
        let ending = try WinbackProgram().run(["check", "--config", path])
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.errors.isEmpty, "\(ending.errors)")
    }

    @Test func itNamesEverySetting() {
        for key in SettingKeys.all {
            let parts = key.split(separator: ".").map(String.init)
            let node = parts.count == 1 ? root[parts[0]] : root[parts[0], parts[1]]
            // One without a default stands in a comment.
            let isCommented = text.contains("\n\(String(repeating: "  ", count: parts.count - 1))#\(parts.last!):")
            #expect(node != nil || isCommented, "\(key) is not in deploy/winback.yaml")
        }
    }

    @Test func everySettingInItIsTheDefault() throws {
        let said = try Configuration.parse(text: text)
        var expected = Configuration()
        expected.kafka = said.kafka
        expected.templates = said.templates
        expected.policies = said.policies
        // Both print all that they hold.
        #expect(String(reflecting: said) == String(reflecting: expected))
    }

    @Test func itShowsEveryKeyOfAPolicy() throws {
        let policies = try #require(root["policies"]).items
        for key in PolicyReader.keys {
            #expect(policies.contains { $0[key] != nil }, "no policy in deploy/winback.yaml has `\(key)`")
        }
        for key in PolicyReader.nestedKeys {
            let parts = key.split(separator: ".").map(String.init)
            let isThere = policies.contains { policy in
                let outer = policy[parts[0]]
                return outer?[parts[1]] != nil || outer?.items.contains { $0[parts[1]] != nil } == true
            }
            #expect(isThere, "no policy in deploy/winback.yaml has `\(key)`")
        }
    }
}
