/// A part of a YAML document with its place.
struct YAMLNode {
    var content: Content
    var place: Place

    enum Content {
        case scalar(Scalar)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    struct Scalar {
        /// With the environment's values put in.
        var text: String
        /// As it was written. Messages quote this, so that a secret from the environment is never printed.
        var written: String
        /// Without quotes: `~`, `null` and nothing mean that there is no value.
        var isPlain: Bool
        /// Why the environment's values could not be put in. Whoever reads the value reports them.
        var problems: [Mistake] = []

        var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) && text == written }
        /// Whether a message may show the value.
        var isAsWritten: Bool { text == written }
    }

    struct Entry {
        var key: String
        var keyPlace: Place
        var value: YAMLNode
    }

    /// A value that does not come from the file.
    static func text(_ text: String, at place: Place) -> YAMLNode {
        YAMLNode(content: .scalar(Scalar(text: text, written: text, isPlain: false)), place: place)
    }

    /// What a message calls it.
    var kind: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// Sets the value at `path`, making mappings on the way. Leaves a node that is not a mapping alone: reading it reports
    /// that.
    mutating func set(_ path: ArraySlice<String>, to value: YAMLNode) {
        if case .scalar(let scalar) = content, scalar.isNull { content = .mapping([]) }
        guard case .mapping(var entries) = content, let key = path.first else { return }
        let rest = path.dropFirst()
        if let index = entries.firstIndex(where: { $0.key == key }) {
            if rest.isEmpty {
                entries[index] = Entry(key: key, keyPlace: value.place, value: value)
            } else {
                entries[index].value.set(rest, to: value)
            }
        } else {
            var node = value
            if !rest.isEmpty {
                node = YAMLNode(content: .mapping([]), place: value.place)
                node.set(rest, to: value)
            }
            entries.append(Entry(key: key, keyPlace: value.place, value: node))
        }
        content = .mapping(entries)
    }
}
