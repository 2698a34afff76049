import Configuration
import Contract
import Engine
import Foundation
import Journey
import Kafka
import Terminal

/// Publishes a file of events, each under the key that its identity asks for.
struct FilePublisher {
    /// How many refused lines are shown one by one.
    private static let shownRefusals = 20
    /// How long a sleep is at most, so that an interruption is seen.
    private static let sleepSeconds = 0.05
    /// How long events of a paced file are gathered at most: a transaction for each would be slower than they come.
    private static let restSeconds = 0.1

    let file: any EventFile
    /// For messages.
    let name: String
    /// How the topic's messages become events.
    let mapping: EventMapping
    let identity: Configuration.Identity
    /// Lines that are no good are sent all the same, to see what becomes of them.
    let sendsAll: Bool
    let pace: Pace.Kind
    let sink: any EventSink
    let progress: ProgressBar

    /// - Parameter done: what an earlier run has sent already.
    /// - Returns: how many lines were not sent.
    func publish(after done: FileProgress?, unless isInterrupted: () -> Bool) throws -> Int {
        let decoder = try TopicDecoder(mapping, identity: identity).decoder
        if let done { try skip(done, isInterrupted) }
        var pace = Pace(pace)
        var refused = 0
        let time = SystemTime()
        let start = ContinuousClock.now
        while !isInterrupted(), let entry = try file.next() {
            switch entry {
            case .fault(let reason, let line): report(reason, line, &refused)
            case .event(let value, let line):
                // An event without a time of its own gets that of its message, which is about now.
                let result = decoder.decode(
                    value: value, headers: UnsafeBufferPointer(start: nil, count: 0),
                    messageTimestamp: pace.needsTime ? Self.noTime : time.wall.milliseconds)
                var key: UnsafeRawBufferPointer?
                var ownTime: Int64?
                switch result {
                case .event, .unknownType:
                    let usesEmail = identity == .email || decoder.prospectID.isEmpty
                    let found = usesEmail ? decoder.normalisedEmail : decoder.prospectID
                    key = found.isEmpty ? nil : found
                    if case .event = result, decoder.timeMilliseconds != Self.noTime {
                        ownTime = decoder.timeMilliseconds
                    }
                case .refused(let refusal):
                    guard sendsAll else {
                        report(text(of: refusal), line, &refused)
                        try sink.note(file.progress)
                        continue
                    }
                }
                guard try wait(until: pace.next(time: ownTime), from: start, isInterrupted) else { return refused }
                try sink.send(key: key, value: value)
                progress.advance()
            }
            try sink.note(file.progress)
        }
        if refused > Self.shownRefusals { Screen.errors.line("and \(refused - Self.shownRefusals) more") }
        return refused
    }

    /// What stands for a missing time where events keep their distances; the first that an event may have.
    private static let noTime = EventBounds.time.lowerBound

    /// Reads over what is done, and makes sure that it is what was done.
    private func skip(_ done: FileProgress, _ isInterrupted: () -> Bool) throws {
        while file.progress.lines < done.lines, !isInterrupted(), try file.next() != nil {}
        guard file.progress == done || isInterrupted() else {
            throw CommandError(
                .data,
                "\(name) is not the file that was published under this name: its first \(done.lines) lines are others. "
                    + "Nothing was sent; give it another name to publish it from its beginning")
        }
        if done.lines > 0 {
            Screen.errors.line("\(name): going on behind line \(done.lines), up to which everything was sent before")
        }
    }

    private func report(_ reason: String, _ line: Int, _ refused: inout Int) {
        refused += 1
        guard refused <= Self.shownRefusals else { return }
        progress.clear()
        Screen.errors.line("\(name):\(line): \(reason)")
    }

    private func text(of refusal: Refusal) -> String {
        file.name(at: refusal.location).map { "\($0): \(refusal.message)" } ?? refusal.message
    }

    /// - Returns: false if it was interrupted meanwhile.
    private func wait(until due: Duration, from start: ContinuousClock.Instant, _ isInterrupted: () -> Bool) throws
        -> Bool
    {
        guard due > ContinuousClock.now - start else { return true }
        try sink.rest()
        let end = max(due, ContinuousClock.now - start + .seconds(Self.restSeconds))
        while case let left = end - (ContinuousClock.now - start), left > .zero {
            guard !isInterrupted() else { return false }
            Thread.sleep(forTimeInterval: min(left / Duration.seconds(1), Self.sleepSeconds))
        }
        return true
    }
}
