import Configuration
import Contract
import Terminal

/// A field of a table as JSON, by the form that the mapping says it has.
enum CellText {
    /// What is wrong with a field.
    struct Fault: Error, Equatable {
        /// What it must be.
        var expectation: String
    }

    /// - Returns: JSON.
    static func json(_ text: String, _ target: ColumnMapping.Target) throws(Fault) -> String {
        var text = text
        if !target.values.isEmpty {
            guard let word = target.values[text] else {
                let known = target.values.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
                throw Fault(expectation: "one of \(known), which the mapping knows")
            }
            text = word
        }
        let json: String? =
            switch target.form {
            case .text: JSONText.quoted(text)
            case .number: isNumber(text) ? text : nil
            case .boolean: boolean(text)
            case .time: time(text, target.zone).map(time)
            case .unixSeconds: Double(text).flatMap { milliseconds($0 * 1000) }.map(time)
            case .unixMilliseconds: Int64(text).map(time)
            }
        guard let json else { throw Fault(expectation: target.form.expectation) }
        return json
    }

    private static func isNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
    }

    private static func boolean(_ text: String) -> String? {
        switch text.lowercased() {
        case "true", "yes", "1": "true"
        case "false", "no", "0": "false"
        default: nil
        }
    }

    private static func time(_ milliseconds: Int64) -> String { "\"\(TimeText.utc(milliseconds, .milliseconds))\"" }

    /// As RFC 3339 has it; seconds and zone may be missing where `zone` is known.
    private static func time(_ text: String, _ zone: String?) -> Int64? {
        if let time = parsed(text) { return time }
        guard let zone else { return nil }
        return parsed(text + zone) ?? parsed("\(text):00\(zone)")
    }

    private static func parsed(_ text: String) -> Int64? { Array(text.utf8).withUnsafeBytes { Timestamp.parse($0) } }

    private static func milliseconds(_ value: Double) -> Int64? {
        // Beyond it a Double has no whole milliseconds any more; no event is that far away.
        value.magnitude < 1e15 ? Int64(value.rounded()) : nil
    }
}
