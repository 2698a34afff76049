import Foundation

/// Reads `kafka:`: librdkafka's keys verbatim, secrets also from files and the environment.
struct KafkaReader {
    var rules: KafkaRules
    var environment: [String: String]
    var findings: Findings

    /// - Parameter root: the whole file, for the place of what is missing.
    func read(_ value: Value?, root: Section) -> [KafkaProperty] {
        guard let value else {
            findings.mistake(
                .missing, at: root.place, "kafka",
                "`kafka` is missing: give `kafka: {bootstrap.servers: HOST:PORT}`")
            return []
        }
        guard case .mapping(let entries) = value.node.content else {
            value.mistake(.invalidValue, "`kafka` must be a mapping of librdkafka's properties, not \(value.node.kind)")
            return []
        }
        guard entries.count <= Limits.kafkaProperties else {
            value.mistake(.tooMany, "`kafka` has more than \(Limits.kafkaProperties) properties")
            return []
        }
        let properties = entries.compactMap { property($0) }
        let servers = entries.contains { ["bootstrap.servers", "metadata.broker.list"].contains($0.key) }
        if !servers {
            findings.mistake(
                .missing, at: root.keyPlace("kafka") ?? value.place, "kafka.bootstrap.servers",
                "`bootstrap.servers` is missing: give the brokers as `HOST:PORT`, separated by commas",
                suggestion: nil)
        }
        return properties
    }

    private func property(_ entry: YAMLNode.Entry) -> KafkaProperty? {
        let path = "kafka.\(entry.key)"
        let name = KafkaProperty.name(of: entry.key)
        if let advice = rules.reserved[entry.key] ?? rules.reserved[name] {
            findings.mistake(
                .reserved, at: entry.keyPlace, path, "`\(entry.key)` cannot be set: \(advice)",
                suggestion: KafkaRules.settings[name])
            return nil
        }
        let value = Value(node: entry.value, path: path, findings: findings)
        var isSecret = KafkaProperty.isSecret(entry.key)
        var mayQuote = true
        let text: String?
        switch entry.value.content {
        case .mapping:
            isSecret = true
            text = referred(value, key: entry.key)
        case .scalar(let scalar):
            mayQuote = scalar.isAsWritten
            isSecret = isSecret || (!mayQuote && !KafkaRules.common.contains(name))
            text = plain(value, scalar, key: entry.key)
        case .sequence:
            value.mistake(.invalidValue, "`\(entry.key)` must be a single value: separate several by commas")
            text = nil
        }
        guard let text else { return nil }
        let property = KafkaProperty(key: entry.key, value: text, place: value.place, isSecret: isSecret)
        check(property, entry, path, mayQuote: mayQuote && !isSecret)
        return property
    }

    private func plain(_ value: Value, _ scalar: YAMLNode.Scalar, key: String) -> String? {
        if scalar.isNull {
            value.mistake(.missing, "`\(key)` has no value: give one, or leave the key out")
            return nil
        }
        guard scalar.problems.isEmpty else {
            findings.report(scalar.problems, value.path)
            return nil
        }
        return withinBounds(scalar.text, value, key: key)
    }

    /// `{file: path}` or `{env: NAME}`.
    private func referred(_ value: Value, key: String) -> String? {
        guard let section = Section(value, keys: ["file", "env"]) else { return nil }
        switch (section["file"], section["env"]) {
        case (let file?, nil):
            guard let path = file.text("a path", maximumBytes: 4096) else { return nil }
            return contents(of: path, file, key: key)
        case (nil, let env?):
            guard let name = env.text("the name of a variable", maximumBytes: Limits.textBytes) else { return nil }
            guard let text = environment[name], !text.isEmpty else {
                env.mistake(
                    .unknownName, "environment variable `\(env.written)` for `\(key)` is not set",
                    suggestion: Spelling.suggestion(for: name, among: environment.keys.sorted()))
                return nil
            }
            return withinBounds(text, value, key: key)
        default:
            value.mistake(
                .invalidValue, "`\(key)` must be a single value, `{file: PATH}` or `{env: NAME}`")
            return nil
        }
    }

    private func contents(of path: String, _ value: Value, key: String) -> String? {
        let bytes: [UInt8]
        do throws(FileText.Problem) {
            bytes = try FileText.read(path, maximumBytes: Limits.secretFileBytes)
        } catch {
            value.mistake(.unreadable, "cannot read `\(value.written)` for `\(key)`: \(error.reason)")
            return nil
        }
        // Editors end a file with a line end that is not part of the secret.
        var text = String(decoding: bytes, as: UTF8.self)[...]
        while let last = text.last, last.isNewline { text = text.dropLast() }
        guard !text.isEmpty else {
            value.mistake(.unreadable, "`\(value.written)` for `\(key)` is empty")
            return nil
        }
        return withinBounds(String(text), value, key: key)
    }

    private func withinBounds(_ text: String, _ value: Value, key: String) -> String? {
        guard text.utf8.count <= Limits.kafkaValueBytes, !text.utf8.contains(0) else {
            value.mistake(.tooMany, "`\(key)` must be at most \(Limits.kafkaValueBytes) bytes, without a zero byte")
            return nil
        }
        return text
    }

    private func check(_ property: KafkaProperty, _ entry: YAMLNode.Entry, _ path: String, mayQuote: Bool) {
        if ["bootstrap.servers", "metadata.broker.list"].contains(property.name) {
            if property.name != property.key {
                findings.mistake(
                    .conflict, at: entry.keyPlace, path, "consumer and producer must use one cluster",
                    suggestion: property.name)
            }
            checkServers(property, path, mayQuote: mayQuote)
        }
        guard let complaint = rules.complaint(property.key, property.value) else { return }
        // A complaint that says the same of any value quotes none.
        let isQuotable = mayQuote || complaint == rules.complaint(property.key, "?")
        let shown = isQuotable ? complaint : "its value is refused by librdkafka"
        findings.mistake(
            .invalidValue, at: entry.keyPlace, path, "`\(property.key)`: \(shown)",
            suggestion: KafkaRules.common.contains(property.name)
                ? nil : Spelling.suggestion(for: property.name, among: KafkaRules.common))
    }

    private func checkServers(_ property: KafkaProperty, _ path: String, mayQuote: Bool) {
        for server in property.value.split(separator: ",", omittingEmptySubsequences: false) {
            let address = server.firstRange(of: "://").map { server[$0.upperBound...] } ?? server
            let port = address.last == "]" ? nil : address.split(separator: ":", omittingEmptySubsequences: false).last
            let hasPort = address.contains(":") && address.last != "]"
            let isGood =
                !address.isEmpty && !address.contains(where: { $0.isWhitespace && $0 != " " })
                && address.first != ":" && (!hasPort || UInt16(port?.filter { $0 != " " } ?? "").map { $0 > 0 } == true)
            if !isGood {
                let shown = mayQuote ? ", not `\(server)`" : ""
                findings.mistake(
                    .invalidValue, at: property.place, path,
                    "`\(property.key)` must be `HOST:PORT`, separated by commas\(shown)")
            }
        }
    }
}
