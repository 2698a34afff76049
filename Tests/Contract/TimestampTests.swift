import Contract
import Foundation
import RandomTestSupport
import Testing

@Suite struct TimestampTests {
    static func parse(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { Timestamp.parse(UnsafeRawBufferPointer($0)) }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0),
        ("2000-01-01T00:00:00Z", 946_684_800_000),
        ("2026-07-01T09:30:00Z", 1_782_898_200_000),
        ("2026-07-01t09:30:00z", 1_782_898_200_000),
        ("2026-07-01 09:30:00Z", 1_782_898_200_000),
        ("2026-07-01T11:30:00+02:00", 1_782_898_200_000),
        ("2026-06-30T23:45:00-09:45", 1_782_898_200_000),
        ("2026-07-01T09:30:00.1Z", 1_782_898_200_100),
        ("2026-07-01T09:30:00.123Z", 1_782_898_200_123),
        ("2026-07-01T09:30:00.123999999999Z", 1_782_898_200_123),
        ("2024-02-29T12:00:00Z", 1_709_208_000_000),
        ("2000-02-29T00:00:00Z", 951_782_400_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("2017-01-01T00:59:60+01:00", 1_483_228_800_000),
    ])
    func aTimeIsReadToTheMillisecond(text: String, milliseconds: Int64) {
        #expect(Self.parse(text) == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-07-01", "2026-07-01T09:30:00", "2026-07-01T09:30Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-07-00T00:00:00Z", "2026-06-31T00:00:00Z", "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z", "2026-07-01T24:00:00Z", "2026-07-01T09:60:00Z", "2026-07-01T09:30:61Z",
        "2026-07-01T09:30:60Z", "2026-07-01T09:30:00.Z", "2026-07-01T09:30:00+0200", "2026-07-01T09:30:00+02",
        "2026-07-01T09:30:00+24:00", "2026-07-01T09:30:00+02:60", "2026-07-01T09:30:00Z ", "2026-07-01T09:30:00ZZ",
        "2026-07-01T09:30:00,5Z", "2026/07/01T09:30:00Z", "+026-07-01T09:30:00Z", "26-07-01T09:30:00Z........",
    ])
    func whatIsNoTimeIsNotRead(text: String) {
        #expect(Self.parse(text) == nil)
    }

    @Test(arguments: 0..<20)
    func everyPlaceTakesOnlyWhatBelongsThere(place: Int) {
        let text = Array("2011-11-11T11:11:11Z".utf8)
        for byte in UInt8.min...UInt8.max {
            var changed = text
            changed[place] = byte
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            let parsed = changed.withUnsafeBytes { Timestamp.parse($0) }
            switch text[place] {
            case UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "0"):
                // A digit of another value may make a month, a day or an hour that there is not.
                if !isDigit { #expect(parsed == nil, "byte \(byte)") }
            case UInt8(ascii: "T"): #expect((parsed != nil) == [0x54, 0x74, 0x20].contains(byte), "byte \(byte)")
            case UInt8(ascii: "Z"): #expect((parsed != nil) == [0x5A, 0x7A].contains(byte), "byte \(byte)")
            default: #expect((parsed != nil) == (byte == text[place]), "byte \(byte)")
            }
        }
    }

    @Test func itReadsWhatFoundationWrites() {
        let seed: UInt64 = 11
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let second = Int64.random(in: 0...4_102_444_800, using: &generator)
            let text = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
            #expect(Self.parse(text) == second * 1000, "\(text), seed \(seed)")
        }
    }
}
