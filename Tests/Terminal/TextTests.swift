import Testing

@testable import Terminal

struct TextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_772_366_400_250, "2026-03-01T12:00:00.250Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func aTimeIsWrittenInUTC(milliseconds: Int64, text: String) {
        #expect(TimeText.utc(milliseconds, .milliseconds) == text)
    }

    @Test func noTimeIsTooFarToBeWritten() {
        #expect(TimeText.utc(.max).hasPrefix("+292278994-08-17"))
        #expect(TimeText.utc(.min).hasPrefix("-292275055-05-16"))
        #expect(TimeText.relative(.min, now: .max).hasSuffix(" ago"))
        #expect(TimeText.relative(.max, now: .min).hasPrefix("in "))
    }

    @Test(
        arguments: [
            (0, "now"), (999, "now"), (-999, "now"), (1000, "in 1 s"), (1999, "in 1 s"), (-59_000, "59 s ago"),
            (60_000, "in 1 min"), (7_980_000, "in 2 h 13 min"), (-93_600_000, "1 d 2 h ago"), (86_400_000, "in 1 d"),
            (259_200_000, "in 3 d"),
        ] as [(Int64, String)])
    func aTimeIsRelativeToNow(distance: Int64, text: String) {
        #expect(TimeText.relative(1_772_366_400_000 + distance, now: 1_772_366_400_000) == text)
    }

    @Test(
        arguments: [
            (.zero, "0 ms"), (.milliseconds(250), "250 ms"), (.milliseconds(4_250), "4.2 s"), (.seconds(4), "4 s"),
            (.seconds(59), "59 s"), (.seconds(90), "1 min 30 s"), (.seconds(7980), "2 h 13 min"),
            (.seconds(-90), "-1 min 30 s"), (.seconds(3 * 86_400), "3 d"), (.microseconds(-1500), "-1 ms"),
        ] as [(Duration, String)])
    func aDurationHasItsTwoLargestUnits(duration: Duration, text: String) {
        #expect(TimeText.duration(duration) == text)
    }

    @Test func durationsAreRead() {
        #expect(TimeText.duration(from: "500ms") == .milliseconds(500))
        #expect(TimeText.duration(from: "30s") == .seconds(30))
        #expect(TimeText.duration(from: "90m") == .seconds(5400))
        #expect(TimeText.duration(from: "12h") == .seconds(43_200))
        #expect(TimeText.duration(from: "3d") == .seconds(259_200))
        for wrong in ["", "3", "d", "-3d", "3 d", "3x", "1.5h", "99999999999999999999d", "40000d", "٣d"] {
            #expect(TimeText.duration(from: wrong) == nil, "\(wrong)")
        }
    }

    @Test func numbersAreGrouped() {
        #expect(NumberText.grouped(0) == "0")
        #expect(NumberText.grouped(999) == "999")
        #expect(NumberText.grouped(-1000) == "-1,000")
        #expect(NumberText.grouped(.min) == "-9,223,372,036,854,775,808")
    }

    @Test func decimalsHaveFixedPlaces() {
        #expect(NumberText.fixed(1.005, 1) == "1.0")
        #expect(NumberText.fixed(-0.04, 1) == "0.0")
        #expect(NumberText.fixed(-0.05, 1) == "-0.1")
        #expect(NumberText.fixed(12.5, 0) == "13")
        #expect(NumberText.fixed(0.07, 3) == "0.070")
        #expect(NumberText.fixed(.infinity, 1) == "–")
        #expect(NumberText.bytes(512) == "512 B")
        #expect(NumberText.bytes(3_565_158) == "3.4 MiB")
    }

    @Test func jsonTextIsEscaped() {
        #expect(JSONText.quoted("a\"b\\c\n\u{1}é\u{2028}") == "\"a\\\"b\\\\c\\n\\u0001é\u{2028}\"")
    }

    @Test func theNearestWordIsSuggested() {
        let words = ["status", "start", "topics", "leads", "publish"]
        #expect(Suggestion.closest(to: "statsu", among: words) == "status")
        #expect(Suggestion.closest(to: "Leads", among: words) == "leads")
        #expect(Suggestion.closest(to: "pub", among: words) == "publish")
        #expect(Suggestion.closest(to: "sta", among: words) == nil)
        #expect(Suggestion.closest(to: "zebra", among: words) == nil)
        #expect(Suggestion.closest(to: "", among: words) == nil)
        #expect(Suggestion.closest(to: "x", among: ["y"]) == nil)
    }

    @Test func textIsWrappedAtSpaces() {
        #expect(TextWidth.wrapped("one two three\nfour", to: 7) == ["one two", "three", "four"])
        #expect(TextWidth.wrapped("incomprehensible x", to: 4) == ["incomprehensible", "x"])
        #expect(TextWidth.wrapped("a\n\nb", to: 9) == ["a", "", "b"])
    }

    @Test func textIsCutWithAnEllipsis() {
        #expect(TextWidth.truncated("abcdef", to: 6) == "abcdef")
        #expect(TextWidth.truncated("abcdef", to: 4) == "abc…")
        #expect(TextWidth.truncated("日本語", to: 4) == "日…")
        #expect(TextWidth.truncated("abc", to: 0) == "")
    }
}
