import Testing

@testable import Terminal

struct ProgressBarTests {
    private let clock = ManualClock()
    private let transcript = Transcript()

    private func bar(total: Int64? = 1000, isTerminal: Bool = true) -> ProgressBar {
        let clock = clock
        return ProgressBar(
            "Publishing", total: total, unit: "events", screen: transcript.screen(isTerminal: isTerminal)
        ) { clock.now }
    }

    @Test func theBarShowsShareRateAndTimeLeft() {
        let bar = bar()
        clock.advance(.seconds(1))
        bar.update(to: 250)
        #expect(
            transcript.text
                == "\r\u{1B}[KPublishing: [#####···············] 25 %, 250 of 1,000 events, 250/s, 3 s left")
    }

    @Test func theBarIsDrawnTenTimesASecondAtMost() {
        let bar = bar()
        for _ in 0..<1000 {
            clock.advance(.milliseconds(1))
            bar.advance()
        }
        #expect(transcript.text.split(separator: "\r").count == 10)
    }

    @Test func withoutATerminalThereAreLinesAtIntervals() {
        let bar = bar(isTerminal: false)
        for _ in 0..<25 {
            clock.advance(.seconds(1))
            bar.advance(by: 10)
        }
        bar.finish()
        #expect(
            transcript.lines == [
                "Publishing: 10 %, 100 of 1,000 events, 10/s, 1 min 30 s left",
                "Publishing: 20 %, 200 of 1,000 events, 10/s, 1 min 20 s left",
                "Publishing: 250 events in 25 s, 10/s",
            ])
    }

    @Test func anUnknownTotalHasNoShare() {
        let bar = bar(total: nil)
        clock.advance(.seconds(2))
        bar.advance(by: 7)
        #expect(transcript.text == "\r\u{1B}[KPublishing: 7 events, 3.5/s")
    }

    @Test func theRateFollowsAChangeOfPace() {
        let bar = bar(total: nil)
        for second in 1...40 {
            clock.advance(.seconds(1))
            bar.advance(by: second <= 20 ? 1000 : 100)
        }
        let last = transcript.text.split(separator: " ").last.map(String.init) ?? ""
        #expect(["109/s", "110/s", "111/s"].contains(last), "\(last)")
    }

    @Test func finishLeavesOneLineAndEndsTheBar() {
        let bar = bar()
        clock.advance(.seconds(4))
        bar.update(to: 1000)
        bar.finish()
        bar.finish()
        bar.advance()
        #expect(transcript.text.hasSuffix("left\r\u{1B}[KPublishing: 1,000 events in 4 s, 250/s\n") == false)
        #expect(transcript.text.hasSuffix("\r\u{1B}[KPublishing: 1,000 events in 4 s, 250/s\n"))
        #expect(transcript.lines.count == 1)
    }

    @Test func moreThanTheTotalIsStillAHundredPercent() {
        let bar = bar()
        clock.advance(.seconds(1))
        bar.update(to: 2000)
        #expect(transcript.text.contains("[####################] 100 %"))
    }
}
