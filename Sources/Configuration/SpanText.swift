import Journey

/// How elapsed times are written: `90m`, `12h`, `3d`, `1h30m`, `100ms`, or as ISO 8601 durations (`PT1H`, `P3D`, `P2W`).
///
/// A day is 24 hours. Months and years have no fixed length and do not exist here.
enum SpanText {
    /// Longer ones are refused: nothing here waits ten years, and sums of spans stay far from overflowing.
    static let maximum = Span.days(3660)

    /// Why a text is no duration, and what was probably meant.
    struct Problem: Error, Hashable {
        var message: String
        var suggestion: String?
    }

    static func parse(_ text: String) -> Result<Span, Problem> {
        if text.utf8.count > 64 { return .failure(Problem(message: "is no duration: \(forms)")) }
        if text.hasPrefix("-") { return .failure(Problem(message: "is negative: a duration is at least 0s")) }
        if let span = milliseconds(short: text) ?? milliseconds(iso: text) {
            guard span <= maximum.milliseconds else {
                return .failure(Problem(message: "is too long: at most \(describe(maximum))"))
            }
            return .success(Span(milliseconds: span))
        }
        if text.hasPrefix("P"),
            let date = text.dropFirst().split(separator: "T", omittingEmptySubsequences: false).first,
            date.contains("Y") || date.contains("M")
        {
            return .failure(Problem(message: "has months or years, which differ in length: write days, as in `P30D`"))
        }
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            return .failure(Problem(message: "has no unit: write ms, s, m, h or d after the number"))
        }
        return .failure(Problem(message: "is no duration: \(forms)", suggestion: guess(text)))
    }

    private static let forms = "write `90m`, `12h`, `3d`, `1h30m` or an ISO 8601 duration such as `PT1H`"

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// The shortest text that means `span`: `1h30m`.
    static func describe(_ span: Span) -> String {
        if span == .zero { return "0s" }
        var left = span.milliseconds.magnitude
        var text = span.milliseconds < 0 ? "-" : ""
        for unit in units where left >= unit.milliseconds {
            text += "\(left / UInt64(unit.milliseconds))\(unit.name)"
            left %= UInt64(unit.milliseconds)
        }
        return text
    }

    /// Numbers with units, larger units first, each once.
    private static func milliseconds(short text: String) -> Int64? {
        var rest = text[...]
        var total: Int64 = 0
        var next = 0
        while !rest.isEmpty {
            guard let number = takeNumber(&rest) else { return nil }
            let name = rest.prefix { !("0"..."9").contains($0) }
            guard let index = units[next...].firstIndex(where: { $0.name == name }) else { return nil }
            rest = rest.dropFirst(name.count)
            guard let sum = sum(total, number, units[index].milliseconds) else { return nil }
            total = sum
            next = index + 1
        }
        return next == 0 ? nil : total
    }

    /// ISO 8601 without months and years; seconds may have up to three decimals.
    private static func milliseconds(iso text: String) -> Int64? {
        guard text.hasPrefix("P") else { return nil }
        var rest = text.dropFirst()
        var total: Int64 = 0
        var count = 0
        if rest.hasSuffix("W") {
            guard let weeks = takeNumber(&rest), rest == "W" else { return nil }
            return sum(0, weeks, 7 * 86_400_000)
        }
        func take(_ designator: Character, _ unit: Int64) -> Bool {
            var attempt = rest
            guard let number = takeNumber(&attempt), attempt.first == designator else { return true }
            guard let added = sum(total, number, unit) else { return false }
            total = added
            rest = attempt.dropFirst()
            count += 1
            return true
        }
        guard take("D", 86_400_000) else { return nil }
        if rest.first == "T" {
            rest = rest.dropFirst()
            let before = count
            guard take("H", 3_600_000), take("M", 60_000), take("S", 1000) else { return nil }
            if let seconds = decimalSeconds(rest) {
                guard let added = sum(total, seconds, 1) else { return nil }
                total = added
                count += 1
                rest = ""
            }
            guard count > before else { return nil }
        }
        return rest.isEmpty && count > 0 ? total : nil
    }

    /// `1.5S` in milliseconds.
    private static func decimalSeconds(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].last == "S", (2...4).contains(parts[1].count) else { return nil }
        var whole = parts[0]
        let decimals = String(parts[1].dropLast())
        var fraction = (decimals + String(repeating: "0", count: 3 - decimals.count))[...]
        guard let seconds = takeNumber(&whole), whole.isEmpty, let part = takeNumber(&fraction), fraction.isEmpty
        else { return nil }
        return sum(part, seconds, 1000)
    }

    private static func takeNumber(_ text: inout Substring) -> Int64? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let number = Int64(digits) else { return nil }
        text = text.dropFirst(digits.count)
        return number
    }

    private static func sum(_ total: Int64, _ number: Int64, _ unit: Int64) -> Int64? {
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        let (sum, overflowed) = total.addingReportingOverflow(product)
        return overflow || overflowed ? nil : sum
    }

    /// `3 days`, `1.5h`, `90min`, `pt1h` and the like. Not `1M`, which may mean a month.
    private static func guess(_ text: String) -> String? {
        if let span = milliseconds(iso: text.uppercased()), span <= maximum.milliseconds { return text.uppercased() }
        let words: [(String, Double)] = [
            ("milliseconds", 1), ("millisecond", 1), ("msec", 1), ("ms", 1),
            ("seconds", 1e3), ("second", 1e3), ("secs", 1e3), ("sec", 1e3), ("s", 1e3), ("S", 1e3),
            ("minutes", 6e4), ("minute", 6e4), ("mins", 6e4), ("min", 6e4), ("m", 6e4),
            ("hours", 36e5), ("hour", 36e5), ("hrs", 36e5), ("hr", 36e5), ("h", 36e5), ("H", 36e5),
            ("days", 864e5), ("day", 864e5), ("d", 864e5), ("D", 864e5),
            ("weeks", 6048e5), ("week", 6048e5), ("w", 6048e5), ("W", 6048e5),
        ]
        let dense = text.filter { $0 != " " }
        for (word, unit) in words where dense.hasSuffix(word) {
            guard let number = Double(dense.dropLast(word.count)), number > 0 else { continue }
            let milliseconds = (number * unit).rounded()
            guard milliseconds >= 1, milliseconds <= Double(maximum.milliseconds) else { return nil }
            return describe(Span(milliseconds: Int64(milliseconds)))
        }
        return nil
    }
}

extension Span {
    /// The shortest text that means it in a configuration: `1h30m`.
    public var shortText: String { SpanText.describe(self) }
}
