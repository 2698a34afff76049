/// Unix times as decimal numbers, to milliseconds since 1970-01-01T00:00:00Z.
enum UnixTime {
    /// `nil` if the text is not a decimal number, such as `1782864000` or `1782864000.25`. What does not fit is a time
    /// beyond all bounds.
    static func parse(_ text: UnsafeRawBufferPointer, unitMilliseconds: Int64) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var at = isNegative ? 1 : 0
        let first = at
        var whole: Int64 = 0
        var overflows = false
        while at < text.count, let digit = digit(text[at]) {
            let (tens, isTooLarge) = whole.multipliedReportingOverflow(by: 10)
            let (sum, carries) = tens.addingReportingOverflow(digit)
            overflows = overflows || isTooLarge || carries
            whole = sum
            at += 1
        }
        guard at > first else { return nil }
        var fraction: Int64 = 0
        if at < text.count {
            guard text[at] == UInt8(ascii: "."), at + 1 < text.count else { return nil }
            at += 1
            var weight = unitMilliseconds / 10
            while at < text.count {
                guard let digit = digit(text[at]) else { return nil }
                fraction += digit * weight
                weight /= 10
                at += 1
            }
        }
        let (scaled, isTooLarge) = whole.multipliedReportingOverflow(by: unitMilliseconds)
        guard !overflows, !isTooLarge else { return isNegative ? .min : .max }
        return isNegative ? -scaled - fraction : scaled + fraction
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        let value = byte &- 0x30
        return value <= 9 ? Int64(value) : nil
    }
}
