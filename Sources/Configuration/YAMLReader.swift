import CYAML

/// Reads one YAML document with libyaml, whose marks give the place of every value.
///
/// Aliases are resolved; tags, merge keys, further documents and repeated keys are mistakes.
struct YAMLReader {
    /// Bounds of a document: aliases could make a short one huge, and reading recurs.
    static let maximumDepth = 32
    static let maximumNodes = 100_000

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let source: UnsafeBufferPointer<UInt8>
    private let file: String
    private let substitution: Substitution
    private let findings: Findings
    private var anchors: [String: (node: YAMLNode, nodes: Int)] = [:]
    private var nodes = 0

    /// What is wrong has been reported.
    private struct Stop: Error {}

    /// The document, or `nil` where it cannot be read; then `findings` says why.
    static func read(
        _ bytes: [UInt8], file: String, substitution: Substitution, findings: Findings
    ) -> YAMLNode? {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard !bytes.isEmpty, yaml_parser_initialize(parser) == 1 else {
            findings.mistake(.syntax, at: Place(file: file, line: 1, column: 1), "the file is empty")
            return nil
        }
        defer { yaml_parser_delete(parser) }
        return bytes.withUnsafeBufferPointer { source in
            yaml_parser_set_input_string(parser, source.baseAddress, source.count)
            var reader = YAMLReader(
                parser: parser, source: source, file: file, substitution: substitution, findings: findings)
            return try? reader.document()
        }
    }

    private init(
        parser: UnsafeMutablePointer<yaml_parser_t>, source: UnsafeBufferPointer<UInt8>, file: String,
        substitution: Substitution, findings: Findings
    ) {
        self.parser = parser
        self.source = source
        self.file = file
        self.substitution = substitution
        self.findings = findings
    }

    // The stream is well-formed or `next` stops: stream start, document start, node, document end, stream end.
    private mutating func document() throws -> YAMLNode {
        _ = try next()
        let start = try next()
        guard case .documentStart = start.kind else {
            findings.mistake(.syntax, at: Place(file: file, line: 1, column: 1), "the file is empty")
            throw Stop()
        }
        let root = try node(next(), depth: 0)
        _ = try next()
        let after = try next()
        if case .documentStart = after.kind {
            findings.mistake(.syntax, at: after.place, "a second document begins here: a configuration is one document")
        }
        return root
    }

    private mutating func node(_ event: Event, depth: Int, isKey: Bool = false) throws -> YAMLNode {
        let before = nodes
        nodes += 1
        try checkBounds(at: event.place, depth: depth)
        if event.hasTag {
            findings.mistake(.syntax, at: event.place, "YAML tags (`!…`) are not supported: leave the tag out")
        }
        let content: YAMLNode.Content
        switch event.kind {
        case .scalar(let scalar):
            content = .scalar(isKey ? scalar.asWritten : scalar.substituted(by: substitution, at: event.place))
        case .alias(let name):
            guard let (node, size) = anchors[name] else {
                findings.mistake(
                    .syntax, at: event.place, "no anchor `&\(name)` ends before this alias",
                    suggestion: Spelling.suggestion(for: name, among: anchors.keys.sorted()))
                throw Stop()
            }
            nodes += size
            try checkBounds(at: event.place, depth: depth)
            return node
        case .sequenceStart: content = .sequence(try items(depth: depth))
        case .mappingStart: content = .mapping(try entries(depth: depth))
        case .documentStart, .end, .other: throw Stop()
        }
        let node = YAMLNode(content: content, place: event.place)
        if let anchor = event.anchor { anchors[anchor] = (node, nodes - before) }
        return node
    }

    private func checkBounds(at place: Place, depth: Int) throws {
        if nodes > Self.maximumNodes {
            findings.mistake(
                .tooMany, at: place, "more than \(Self.maximumNodes) values, aliases included: shorten the file")
            throw Stop()
        }
        if depth > Self.maximumDepth {
            findings.mistake(.tooMany, at: place, "values are nested more than \(Self.maximumDepth) deep")
            throw Stop()
        }
    }

    private mutating func items(depth: Int) throws -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try next()
            if case .end = event.kind { return items }
            items.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var places: [String: Place] = [:]
        while true {
            let event = try next()
            if case .end = event.kind { return entries }
            let key = try node(event, depth: depth + 1, isKey: true)
            let value = try node(next(), depth: depth + 1)
            guard case .scalar(let scalar) = key.content else {
                findings.mistake(.syntax, at: key.place, "a key must be a single word, not \(key.kind)")
                continue
            }
            if let first = places[scalar.text] {
                findings.mistake(
                    .duplicate, at: event.place,
                    "key `\(scalar.text)` is given twice, first in line \(first.line): keep one of them")
            } else if scalar.text == "<<" {
                findings.mistake(
                    .syntax, at: event.place,
                    "merge keys (`<<`) are not supported: write the keys out, or use an alias for a whole value")
            } else {
                places[scalar.text] = event.place
                entries.append(YAMLNode.Entry(key: scalar.text, keyPlace: event.place, value: value))
            }
        }
    }

    private func next() throws -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            reportSyntaxError()
            throw Stop()
        }
        defer { yaml_event_delete(&event) }
        return Event(event, file: file)
    }

    private func reportSyntaxError() {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "this is not YAML"
        if state.error == YAML_READER_ERROR {
            let before = source.prefix(state.problem_offset)
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
            findings.mistake(
                .syntax, at: Place(file: file, line: line, column: column), "\(problem): the file must be UTF-8 text")
            return
        }
        let mark = state.problem_mark
        if let column = tabInIndentation(ofLine: mark.line) {
            findings.mistake(
                .syntax, at: Place(file: file, line: mark.line + 1, column: column + 1),
                "a tab in the indentation: YAML wants spaces")
            return
        }
        let context = state.context.map { " \(String(cString: $0)) that began in line \(state.context_mark.line + 1)" }
        findings.mistake(
            .syntax, at: Place(file: file, line: mark.line + 1, column: mark.column + 1),
            "not YAML: \(problem)\(context ?? "")")
    }

    private func tabInIndentation(ofLine wanted: Int) -> Int? {
        let lines = source.split(
            separator: UInt8(ascii: "\n"), maxSplits: wanted + 1, omittingEmptySubsequences: false)
        guard wanted < lines.count else { return nil }
        let indentation = lines[wanted].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return indentation.firstIndex(of: UInt8(ascii: "\t")).map { $0 - indentation.startIndex }
    }
}

/// A libyaml event as a value, so that the C event can be freed at once.
private struct Event {
    var kind: Kind
    var place: Place
    var anchor: String?
    var hasTag = false

    enum Kind {
        case documentStart, sequenceStart, mappingStart
        /// Of a sequence or mapping.
        case end
        case alias(String)
        case scalar(Scalar)
        case other
    }

    struct Scalar {
        var text: String
        var isPlain: Bool
        /// Where the first character of `text` lies within the scalar, if it is written as it is read.
        var verbatimFrom: Int?

        var asWritten: YAMLNode.Scalar { YAMLNode.Scalar(text: text, written: text, isPlain: isPlain) }

        func substituted(by substitution: Substitution, at place: Place) -> YAMLNode.Scalar {
            let (expanded, problems) = substitution.expand(text) { offset in
                guard let verbatimFrom else { return place }
                return Place(file: place.file, line: place.line, column: place.column + verbatimFrom + offset)
            }
            return YAMLNode.Scalar(text: expanded, written: text, isPlain: isPlain, problems: problems)
        }
    }

    init(_ event: yaml_event_t, file: String) {
        place = Place(file: file, line: event.start_mark.line + 1, column: event.start_mark.column + 1)
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            anchor = Self.text(event.data.sequence_start.anchor)
            hasTag = event.data.sequence_start.tag != nil
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            anchor = Self.text(event.data.mapping_start.anchor)
            hasTag = event.data.mapping_start.tag != nil
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .end
        case YAML_ALIAS_EVENT: kind = .alias(Self.text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            anchor = Self.text(scalar.anchor)
            hasTag = scalar.tag != nil
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            let quotes = isPlain ? 0 : 1
            let width = event.end_mark.column - event.start_mark.column
            let isVerbatim =
                event.start_mark.line == event.end_mark.line && width == text.unicodeScalars.count + 2 * quotes
                && anchor == nil && !hasTag
            kind = .scalar(Scalar(text: text, isPlain: isPlain, verbatimFrom: isVerbatim ? quotes : nil))
        default: kind = .other
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
