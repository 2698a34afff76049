/// RFC 3339 times to and from milliseconds since 1970-01-01T00:00:00Z.
public enum Timestamp {
    /// The length of what `write` writes.
    static let formattedCount = 24

    /// `nil` if the text is not a time. Fractions of any length are cut to milliseconds; a leap second, which can only
    /// be 23:59:60 UTC, is the first second of the next minute.
    public static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count >= 20 else { return nil }
        let date = Digits(text.loadUnaligned(as: UInt64.self), separators: 0xFF_00_00_FF_00_00_00_00)
        let clock = Digits(
            text.loadUnaligned(fromByteOffset: 8, as: UInt64.self), separators: 0x00_00_FF_00_00_FF_00_00)
        guard date.areAll, clock.areAll, text[4] == minus, text[7] == minus, text[13] == colon, text[16] == colon,
            text[10] | 0x20 == UInt8(ascii: "t") || text[10] == UInt8(ascii: " "),
            let second = number(text, 17, 2)
        else { return nil }
        let year = date.number(at: 0) * 100 + date.number(at: 2)
        let (month, day) = (date.number(at: 5), clock.number(at: 0))
        let (hour, minute) = (clock.number(at: 3), clock.number(at: 6))
        guard month >= 1, month <= 12, day >= 1, day <= days(inMonth: month, year: year) else { return nil }
        guard hour <= 23, minute <= 59, second <= 60 else { return nil }

        var at = 19
        var fraction: Int64 = 0
        if text[at] == UInt8(ascii: ".") {
            at += 1
            let first = at
            var weight: Int64 = 100
            while at < text.count, let digit = digit(text[at]) {
                fraction += digit * weight
                weight /= 10
                at += 1
            }
            guard at > first else { return nil }
        }
        guard let offset = offsetMinutes(text, at) else { return nil }
        let minutes = (daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute - offset
        if second == 60 {
            let minuteOfDay = ((minutes % 1440) + 1440) % 1440
            guard minuteOfDay == 1439 else { return nil }
        }
        return (minutes * 60 + second) * 1000 + fraction
    }

    private static let minus = UInt8(ascii: "-")
    private static let colon = UInt8(ascii: ":")

    /// Eight characters of a time at once, as their values.
    private struct Digits {
        private let values: UInt64
        /// Whether all but the separators are digits.
        let areAll: Bool

        /// - Parameter separators: all bits of a byte set for each character that need not be a digit.
        @inline(__always)
        init(_ characters: UInt64, separators: UInt64) {
            values = (UInt64(littleEndian: characters) ^ 0x3030_3030_3030_3030) & ~separators
            // A value above 9 reaches the highest bit of its byte, by itself or with 0x76 added to it.
            areAll = (values | (values &+ (0x7676_7676_7676_7676 & ~separators))) & 0x8080_8080_8080_8080 == 0
        }

        /// The number of two digits that begins at a character.
        @inline(__always)
        func number(at character: UInt64) -> Int64 {
            let pair = values >> (character * 8)
            return Int64(pair & 0xF) * 10 + Int64(pair >> 8 & 0xF)
        }
    }

    @inline(__always)
    private static func digit(_ byte: UInt8) -> Int64? {
        let value = byte &- 0x30
        return value <= 9 ? Int64(value) : nil
    }

    @inline(__always)
    private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for i in start..<start + count {
            guard let digit = digit(text[i]) else { return nil }
            value = value &* 10 &+ digit
        }
        return value
    }

    /// `Z` or `+hh:mm`, which must be all that is left.
    private static func offsetMinutes(_ text: UnsafeRawBufferPointer, _ at: Int) -> Int64? {
        guard at < text.count else { return nil }
        if text[at] | 0x20 == UInt8(ascii: "z") { return at + 1 == text.count ? 0 : nil }
        guard text[at] == UInt8(ascii: "+") || text[at] == minus, at + 6 == text.count else { return nil }
        guard let hours = number(text, at + 1, 2), text[at + 3] == colon, let minutes = number(text, at + 4, 2),
            hours <= 23, minutes <= 59
        else { return nil }
        return text[at] == minus ? -(hours * 60 + minutes) : hours * 60 + minutes
    }

    private static func days(inMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`: years begin in March, so
    /// that a leap day is the last of its year.
    private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Writes `2026-07-01T09:30:00.000Z` to `target`, which has room for `formattedCount` bytes. Years 0 to 9999.
    static func write(_ milliseconds: Int64, to target: UnsafeMutablePointer<UInt8>) {
        let (days, timeOfDay) = milliseconds.flooredDivision(by: 86_400_000)
        // The same paper, `civil_from_days`.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

        put2(year / 100, target)
        put2(year % 100, target + 2)
        target[4] = minus
        put2(month, target + 5)
        target[7] = minus
        put2(day, target + 8)
        target[10] = UInt8(ascii: "T")
        put2(timeOfDay / 3_600_000, target + 11)
        target[13] = colon
        put2(timeOfDay / 60_000 % 60, target + 14)
        target[16] = colon
        put2(timeOfDay / 1000 % 60, target + 17)
        target[19] = UInt8(ascii: ".")
        let fraction = timeOfDay % 1000
        target[20] = UInt8(truncatingIfNeeded: fraction / 100) &+ 0x30
        put2(fraction % 100, target + 21)
        target[23] = UInt8(ascii: "Z")
    }

    @inline(__always)
    private static func put2(_ value: Int64, _ target: UnsafeMutablePointer<UInt8>) {
        let value = UInt8(truncatingIfNeeded: value)
        target[0] = value / 10 &+ 0x30
        target[1] = value % 10 &+ 0x30
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
