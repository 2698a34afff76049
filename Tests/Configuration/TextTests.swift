import Journey
import Testing

@testable import Configuration

@Suite struct TextTests {
    @Test(
        arguments: [
            ("90m", 5_400_000), ("12h", 43_200_000), ("3d", 259_200_000), ("10s", 10_000), ("100ms", 100), ("0s", 0),
            ("1h30m", 5_400_000), ("1d2h3m4s5ms", 93_784_005), ("PT1H", 3_600_000), ("P3D", 259_200_000),
            ("P1DT12H", 129_600_000), ("P2W", 1_209_600_000), ("PT90M", 5_400_000), ("PT0.25S", 250),
            ("P1DT1H1M1.5S", 90_061_500), ("3660d", 316_224_000_000),
        ] as [(String, Int64)])
    func aDurationIsRead(_ text: String, _ milliseconds: Int64) {
        #expect(SpanText.parse(text) == .success(Span(milliseconds: milliseconds)))
    }

    @Test(
        arguments: [
            ("3D", "3d"), ("3 days", "3d"), ("1.5h", "1h30m"), ("90min", "1h30m"), ("2w", "14d"), ("2 weeks", "14d"),
            ("pt1h", "PT1H"), ("90 m", "1h30m"), ("0.5d", "12h"), ("", nil), ("30m1h", nil), ("1h1h", nil), ("h", nil),
            ("1M", nil), ("90", nil), ("P1M", nil), ("P1Y", nil), ("PT", nil), ("P", nil), ("P1DT", nil), ("PT1D", nil),
            ("P1WT1H", nil), ("1e3s", "16m40s"), ("-3d", nil), ("-P1D", nil), ("3661d", nil),
            ("99999999999999999999d", nil),
            ("9223372036854775807ms", nil), ("١d", nil), ("+3d", "3d"), ("nand", nil), ("infs", nil), ("PT1.S", nil),
            ("PT1.2345S", nil), ("PT1.5H", nil),
        ] as [(String, String?)])
    func whatIsNoDurationIsRefusedWithAGuess(_ text: String, _ guess: String?) {
        guard case .failure(let problem) = SpanText.parse(text) else {
            Issue.record("\(text) was accepted")
            return
        }
        #expect(problem.suggestion == guess)
    }

    @Test func aDurationIsWrittenAsItIsRead() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let span = Span(milliseconds: Int64.random(in: 0...SpanText.maximum.milliseconds, using: &generator))
            #expect(SpanText.parse(SpanText.describe(span)) == .success(span))
        }
    }

    @Test(
        arguments: [
            ("64MiB", 64 << 20), ("1GiB", 1 << 30), ("512KiB", 512 << 10), ("70000", 70000), ("64MB", nil),
            ("MiB", nil),
            ("9999999999999GiB", nil), ("", nil),
        ] as [(String, Int?)])
    func anAmountOfBytesIsRead(_ text: String, _ bytes: Int?) { #expect(ByteCount.parse(text) == bytes) }

    @Test(
        arguments: [
            ("opnsOn", "opensOn"), ("opens-on", "opensOn"), ("OPENSON", "opensOn"), ("openOns", "opensOn"), ("x", nil),
            ("reentry", nil), ("", nil),
        ] as [(String, String?)])
    func aNearWordIsSuggested(_ word: String, _ near: String?) {
        #expect(Spelling.suggestion(for: word, among: ["opensOn", "convertsOn", "steps"]) == near)
    }

    @Test func swappedNeighboursAreOneMistake() {
        #expect(Spelling.editDistance(Array("ab".utf8), Array("ba".utf8)) == 1)
        #expect(Spelling.editDistance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
        #expect(Spelling.editDistance([], Array("abc".utf8)) == 3)
    }
}
