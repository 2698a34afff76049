import Configuration

/// Configuration files.
final class ConfigurationTrial: FuzzTrial {
    private static let environment = ["NAME": "value", "WINBACK_GROUP": "from-the-environment"]

    func run(_ input: UnsafeRawBufferPointer) -> String? {
        do throws(ConfigurationError) {
            let configuration = try Configuration.read(
                Array(input), file: "winback.yaml", environment: Self.environment, overrides: [], rules: KafkaRules())
            return check(configuration)
        } catch {
            return check(error, lines: input.count(where: Self.mayEndLine) + 1)
        }
    }

    /// LF, CR, and the last bytes of NEL, LS and PS in UTF-8.
    private static func mayEndLine(_ byte: UInt8) -> Bool { [0x0a, 0x0d, 0x85, 0xa8, 0xa9].contains(byte) }

    /// What is accepted is within the bounds, and what the journal keeps of it is read back the same.
    private func check(_ configuration: Configuration) -> String? {
        guard configuration.policies.count <= Limits.policies, configuration.templates.count <= Limits.templates,
            configuration.topics.events.count <= Limits.eventTopics
        else { return "more policies, templates or topics than there may be" }
        for policy in configuration.policies {
            guard (1...Limits.steps).contains(policy.steps.count), policy.name.utf8.count <= Limits.nameBytes else {
                return "a policy that is out of bounds"
            }
        }
        let text = PolicyText(configuration)
        do throws(PolicyTextError) {
            let again = try PolicyText(text: text.text)
            return again == text && again.text == text.text ? nil : "policies that are read back otherwise"
        } catch {
            return "policies that can't be read back: \(error)"
        }
    }

    private func check(_ error: ConfigurationError, lines: Int) -> String? {
        if error.mistakes.isEmpty { return "refused without a mistake" }
        if error.mistakes.count > ConfigurationError.maximumMistakes { return "more mistakes than are kept" }
        for mistake in error.mistakes {
            if mistake.message.isEmpty { return "a mistake without words" }
            // The end of the file may be a line of its own.
            if mistake.file == "winback.yaml", mistake.line > lines + 1 { return "a mistake behind the file's end" }
        }
        return nil
    }
}
