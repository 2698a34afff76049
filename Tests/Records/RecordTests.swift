import Journey
import RandomTestSupport
import Records
import Testing

@Suite struct RecordTests {
    @Test(arguments: UInt64(1)...60)
    func everyRecordIsReadBackAsItWasWritten(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var writer = RecordWriter()
        for _ in 0..<5 {
            // One writer for all frames: nothing of a frame may reach into the next.
            let (records, clock) = (random.records(80), random.time())
            let body = FrameBody(records, clock: clock, position: random.next() >> 16, writer: &writer)
            let read = try body.read()
            #expect(read.clock == clock, "seed \(seed)")
            #expect(read.records == records, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<SeededGenerator.factKinds)
    func everyKindOfFactIsReadBackAsItWasWritten(kind: Int) throws {
        var random = SeededGenerator(seed: UInt64(kind))
        for _ in 0..<100 {
            let input = random.input()
            let records: [Written] = [.record(.input(input)), .record(.fact(random.fact(kind, after: input)))]
            #expect(try FrameBody(records).read().records == records)
        }
    }

    @Test func aBodyThatEndsEarlyIsRefusedAtEveryByte() throws {
        var random = SeededGenerator(seed: 31)
        let body = FrameBody(random.records(60))
        for length in 0..<body.bytes.count {
            let short = FrameBody(bytes: [UInt8](body.bytes.prefix(length)))
            #expect {
                _ = try short.read()
            } throws: { error in
                guard let error = error as? RecordError else { return false }
                return error.code == .truncated && error.offset <= length
            }
        }
    }

    @Test func bytesBehindTheEndAreRefused() {
        var random = SeededGenerator(seed: 32)
        let body = FrameBody(random.records(3))
        #expect(throws: RecordError(.trailingBytes, offset: body.bytes.count, "end")) {
            try FrameBody(bytes: body.bytes + [0]).read()
        }
    }

    /// Whatever the bytes are: an error or records, never a trap, and an offset that lies within them.
    @Test(arguments: UInt64(1)...40)
    func garbageNeverTraps(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let whole = FrameBody(random.records(40))
        for _ in 0..<200 {
            var bytes = whole.bytes
            for _ in 0..<Int.random(in: 1..<6, using: &random) {
                bytes[Int.random(in: 2..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if random.chance(30) {
                bytes = [bytes[0]] + (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            do {
                _ = try FrameBody(bytes: bytes).read()
            } catch {
                let offset = (error as? RecordError)?.offset ?? -1
                #expect((0...bytes.count).contains(offset), "seed \(seed)")
            }
        }
    }

    @Test func aNewerVersionIsRefusedAsSuch() {
        var bytes = FrameBody([]).bytes
        bytes[0] = 4
        #expect {
            _ = try FrameBody(bytes: bytes).read()
        } throws: { ($0 as? RecordError)?.code == .unknownVersion && "\($0)".contains("update winback") }
    }

    /// So that a program can be put back as long as nothing was written that it does not know.
    @Test func aBodyIsOfTheLowestVersionThatHasAllItsRecords() {
        let prospect = ProspectKey(high: 1, low: 2)
        let journey = JourneyReference(rawValue: 3)
        let at = Instant(milliseconds: 1_760_000_000_000)
        let old: [Record] = [
            .timer(prospect), .tick(clock: at), .fact(.activity(journey, at: at)), .fact(.erased(at: at)),
            .input(Input(type: .checkoutStarted, prospect: prospect, time: at)),
        ]
        let newest: [Record] = [
            .command(CommandDigest(high: 1, low: 2)), .address(3),
            .destroyed(prospect, before: RecordPosition(rawValue: 4096), at: at),
        ]
        let new: [Record] = [
            .migration(prospect), .fact(.migrated(journey, to: PolicyIndex(rawValue: 1))), .match(prospect),
            .fact(.addressErased(at: at)), .intervention(.withheld, at: at),
            .found(FoundReminder(journey: journey, step: 0, emitted: at)),
            .fact(.reminderFound(journey, step: 0, due: at, emitted: at)),
            .input(Input(type: .checkoutStarted, prospect: prospect, time: at, addressErasedAt: at)),
        ]
        #expect(FrameBody(old.map { .record($0) }).bytes[0] == 1)
        for record in new { #expect(FrameBody((old + [record]).map { .record($0) }).bytes[0] == 2, "\(record)") }
        for record in newest {
            #expect(FrameBody((old + new + [record]).map { .record($0) }).bytes[0] == 3, "\(record)")
        }
    }

    @Test func anActivityThatBringsNothingNewTakesFewBytes() {
        var records: [Written] = []
        var random = SeededGenerator(seed: 1)
        let count = 1000
        for number in 0..<count {
            let time = Instant(milliseconds: 1_760_000_000_000 + Int64(number) * 37)
            let input = Input(
                type: .checkoutUpdated, prospect: ProspectKey(high: random.next(), low: random.next()), time: time,
                offset: 5_000_000_000 + Int64(number), tenant: ScopeKey(rawValue: 77), product: ScopeKey(rawValue: 99),
                subject: ScopeKey(rawValue: random.next()))
            records.append(.record(.input(input)))
            records.append(.record(.fact(.activity(JourneyReference(rawValue: random.next()), at: time))))
        }
        #expect(FrameBody(records).bytes.count / count <= 48)
    }
}
