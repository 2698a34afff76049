/// Puts settings from the environment and the command line over those of the file.
struct Overlay {
    var environment: [String: String]
    /// `key=value` with dotted keys, in the order of the command line: the last one wins.
    var overrides: [String]
    var findings: Findings

    /// - Parameter used: names that the file refers to by `${NAME}`, which need not be settings.
    func apply(to root: inout YAMLNode, used: Set<String>) {
        applyEnvironment(to: &root, used: used)
        applyOverrides(to: &root)
    }

    private func applyEnvironment(to root: inout YAMLNode, used: Set<String>) {
        let keys = Dictionary(uniqueKeysWithValues: SettingKeys.all.map { (SettingKeys.environmentName($0), $0) })
        let kafkaPrefix = SettingKeys.environmentPrefix + "KAFKA_"
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where !text.isEmpty {
            guard name.hasPrefix(SettingKeys.environmentPrefix) else { continue }
            let place = Place(file: "environment \(name)")
            if let key = keys[name] {
                set(key, to: text, at: place, in: &root)
            } else if name.hasPrefix(kafkaPrefix), name.count > kafkaPrefix.count {
                let property = name.dropFirst(kafkaPrefix.count).lowercased().replacing("_", with: ".")
                root.set(["kafka", property], to: .text(text, at: place))
            } else if !used.contains(name), !isFromKubernetes(name) {
                let near = Spelling.suggestion(for: name, among: keys.keys.sorted())
                findings.warning(
                    .unknownKey, at: place, "",
                    "it sets nothing that Winback knows\(near.map { ": \($0) would" } ?? "")")
            }
        }
    }

    /// Kubernetes sets these for a service named `winback`.
    private func isFromKubernetes(_ name: String) -> Bool {
        let rest = name.dropFirst(SettingKeys.environmentPrefix.count)
        return rest.hasPrefix("SERVICE_") || rest == "PORT" || rest.hasPrefix("PORT_")
    }

    private func applyOverrides(to root: inout YAMLNode) {
        for override in overrides {
            let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            let place = Place(file: "command line")
            guard parts.count == 2 else {
                findings.mistake(.syntax, at: place, key, "`\(key)` has no value: write `key=value`")
                continue
            }
            let text = String(parts[1])
            if key.hasPrefix("kafka."), key.count > 6 {
                let property = String(key.dropFirst(6))
                if KafkaProperty.isSecret(property) {
                    findings.warning(
                        .conflict, at: place, key,
                        "`\(key)` can be read by every user of this machine: use a file or the environment")
                }
                root.set(["kafka", property], to: .text(text, at: place))
            } else if SettingKeys.all.contains(key) {
                set(key, to: text, at: place, in: &root)
            } else if SettingKeys.fileOnly.contains(String(key.prefix { $0 != "." && $0 != "[" })) {
                findings.mistake(.unknownKey, at: place, key, "`\(key)` can only be set in the file")
            } else {
                findings.mistake(
                    .unknownKey, at: place, key, "unknown setting `\(key)`",
                    suggestion: Spelling.suggestion(for: key, among: SettingKeys.all))
            }
        }
    }

    private func set(_ key: String, to text: String, at place: Place, in root: inout YAMLNode) {
        var node = YAMLNode.text(text, at: place)
        if key == "topics.events", text.contains(",") {
            let topics = text.split(separator: ",", omittingEmptySubsequences: false)
            node.content = .sequence(topics.map { .text(String($0.drop { $0 == " " }), at: place) })
        }
        root.set(key.split(separator: ".").map(String.init)[...], to: node)
    }
}
