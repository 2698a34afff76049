import Foundation
import Synchronization
import Terminal
import Testing

@testable import Telemetry

struct LogTests {
    private let clock = ManualClock()
    private let transcript = Transcript()

    private func log(level: LogLevel = .debug, isTerminal: Bool = false, usesColour: Bool = false) -> Log {
        let clock = clock
        return Log(
            level: level, screen: transcript.screen(isTerminal: isTerminal, usesColour: usesColour),
            clock: LogClock(wall: { 1_772_366_400_250 }, steady: { clock.now }))
    }

    @Test func aProgramReadsAJSONObjectPerLine() throws {
        let log = log().with(["shard": 3])
        log.warning(
            "broker not reachable",
            ["broker": "a \"b\"\n", "share": .decimal(0.5), "nan": .decimal(.nan), "up": false, "since": .time(0)])
        #expect(log.flush())
        #expect(
            transcript.text == #"""
                {"time":"2026-03-01T12:00:00.250Z","level":"warning","message":"broker not reachable","shard":3,"broker":"a \"b\"\n","share":0.500,"nan":null,"up":false,"since":"1970-01-01T00:00:00.000Z"}

                """#)
        let parsed = try JSONSerialization.jsonObject(with: Data(transcript.text.utf8)) as? [String: Any]
        #expect(parsed?["broker"] as? String == "a \"b\"\n")
    }

    @Test func aPersonReadsOneLine() {
        let log = log(isTerminal: true)
        log.info("started", ["topic": "checkout-events", "note": "two words", "partitions": 12])
        log.error("stopped")
        log.flush()
        #expect(
            transcript.lines == [
                "12:00:00.250 info     started  topic=checkout-events note=\"two words\" partitions=12",
                "12:00:00.250 error    stopped",
            ])
    }

    @Test func colourIsOnlyAdded() {
        let log = log(isTerminal: true, usesColour: true)
        log.error("stopped", ["a": 1])
        log.flush()
        #expect(
            transcript.text.replacing(#/\u{1B}\[[0-9]+m/#, with: "") == "12:00:00.250 error    stopped  a=1\n")
        #expect(transcript.text.contains("\u{1B}[31merror"))
    }

    @Test func dataCannotForgeALine() {
        let log = log(isTerminal: true)
        log.info("ignored", ["value": "x\n12:00:00.000 error forged\u{1B}[2J"])
        log.flush()
        #expect(transcript.lines.count == 1)
        #expect(!transcript.text.contains("\u{1B}"))
    }

    @Test func linesBelowTheLevelAreNotWritten() {
        let log = log(level: .warning)
        log.debug("a")
        log.info("b")
        log.warning("c")
        log.error("d")
        log.flush()
        #expect(transcript.lines.count == 2)
    }

    @Test func aRepeatedLineIsHeldBackAndCounted() {
        let log = log()
        for _ in 0..<100 { log.warning("lagging", limit: .once(per: .seconds(30))) }
        clock.advance(.seconds(30))
        log.warning("lagging", limit: .once(per: .seconds(30)))
        log.flush()
        #expect(transcript.lines.count == 2)
        #expect(transcript.lines.last?.contains("\"suppressed\":99") == true)
    }

    @Test func whatWasHeldBackIsToldAtTheEnd() {
        let log = log()
        for _ in 0..<(LogLimit.standard.lines + 7) { log.info("again") }
        log.flush()
        #expect(transcript.lines.count == LogLimit.standard.lines + 1)
        #expect(transcript.lines.last?.contains("\"line\":\"again\",\"suppressed\":7") == true)
        log.flush()
        #expect(transcript.lines.count == LogLimit.standard.lines + 1)
    }

    @Test func keysAreLimitedApart() {
        let log = log()
        for shard in 0..<4 { log.info("recovering", limit: .once(per: .seconds(9)), key: "\(shard)") }
        for shard in 0..<4 { log.info("recovering", limit: .once(per: .seconds(9)), key: "\(shard)") }
        log.flush()
        #expect(transcript.lines.filter { $0.contains("\"message\":\"recovering\"") }.count == 4)
    }

    @Test func whoLogsDoesNotWaitForTheReader() async {
        let gate = DispatchSemaphore(value: 0)
        let written = Mutex(0)
        let counted = Transcript()
        let screen = Screen(isTerminal: false) { text in
            gate.wait()
            gate.signal()
            written.withLock { $0 += 1 }
            counted.screen().write(text)
        }
        let clock = clock
        let log = Log(screen: screen, clock: LogClock(wall: { 0 }, steady: { clock.now }))
        // The reader is stuck, and this returns all the same: the lines that fit wait, the others are counted.
        for index in 0..<(LogWriter.longestQueue + 500) { log.info("busy", key: "\(index / 10)") }
        #expect(written.withLock { $0 } == 0)
        #expect(!log.flush(timeout: .milliseconds(1)))
        gate.signal()
        #expect(log.flush(timeout: .seconds(60)))
        #expect(counted.text.contains("\"dropped\":500"))
        #expect(counted.lines.filter { $0.contains("busy") }.count == LogWriter.longestQueue)
    }

    @Test func linesOfOneThreadKeepTheirOrder() {
        let log = log()
        for index in 0..<40 { log.info("step", ["n": .number(index)]) }
        log.flush()
        #expect(transcript.lines.enumerated().allSatisfy { $1.hasSuffix("\"n\":\($0)}") })
    }

    @Test func theSilentLogWritesNothing() {
        Log.silent.error("nobody hears this")
        #expect(Log.silent.flush())
    }

    @Test func theThrottleForgetsOldKeysBeforeItIsFull() {
        var throttle = LogThrottle()
        let limit = LogLimit.once(per: .seconds(1))
        for index in 0..<LogThrottle.longestTable {
            #expect(throttle.action(for: "\(index)", limit: limit, now: .zero) == .write(suppressed: 0))
        }
        // Full of keys that still count: a new one is let through each time.
        #expect(throttle.action(for: "new", limit: limit, now: .zero) == .write(suppressed: 0))
        #expect(throttle.action(for: "new", limit: limit, now: .zero) == .write(suppressed: 0))
        // A second later their places are free.
        #expect(throttle.action(for: "newer", limit: limit, now: .seconds(1)) == .write(suppressed: 0))
        #expect(throttle.action(for: "newer", limit: limit, now: .seconds(1)) == .suppress)
    }
}
