import Contract
import Journey
import Testing

@testable import Demo

@Suite struct TrafficGeneratorTests {
    private static let start = Instant(milliseconds: 1_790_000_000_000)

    private func settings(events: Int = 5_000, prospects: Int = 1_000) -> TrafficSettings {
        var settings = TrafficSettings(start: Self.start)
        settings.events = events
        settings.prospects = prospects
        return settings
    }

    private func digest(_ settings: TrafficSettings) -> UInt64 {
        var generator = TrafficGenerator(settings)
        // FNV-1a: Swift's own hashing differs from run to run.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        while generator.advance() {
            for byte in generator.value { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            for byte in generator.key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return hash
    }

    @Test func theSameSettingsGiveTheSameBytes() { #expect(digest(settings()) == digest(settings())) }

    @Test func anotherSeedGivesOtherBytes() {
        var other = settings()
        other.seed = 2
        #expect(digest(settings()) != digest(other))
    }

    @Test func eventsComeInTheOrderOfTheirTimes() {
        var generator = TrafficGenerator(settings(events: 50_000, prospects: 200))
        var last = Self.start
        while generator.advance() {
            #expect(generator.time >= last)
            last = generator.time
        }
        #expect(generator.count == 50_000)
    }

    @Test(arguments: TrafficSettings.ContentMode.allCases)
    func everyEventIsOneThatTheContractAccepts(mode: TrafficSettings.ContentMode) throws {
        let types = EventType.allCases.map(\.name)
        let decoder = try EventDecoder(shape: .default, typeNames: types)
        var settings = settings()
        settings.mode = mode
        var generator = TrafficGenerator(settings)
        var seen: Set<String> = []
        while generator.advance() {
            let headers = generator.headers.map {
                HeaderView(name: $0.name, value: $0.value ?? UnsafeRawBufferPointer(start: nil, count: 0))
            }
            let result = headers.withUnsafeBufferPointer {
                decoder.decode(value: generator.value, headers: $0, messageTimestamp: 0)
            }
            guard case .event = result else {
                Issue.record("\(result): \(String(decoding: generator.value, as: UTF8.self))")
                return
            }
            #expect(types[decoder.typeIndex] == generator.type.name)
            #expect(decoder.timeMilliseconds == generator.time.milliseconds)
            #expect(decoder.prospectID.elementsEqual(generator.key))
            if decoder.address == .usable {
                let address = String(decoding: decoder.email, as: UTF8.self)
                #expect(People.domains.contains { address.hasSuffix("@" + $0) })
            }
            let isNew = seen.insert(String(decoding: decoder.id, as: UTF8.self)).inserted
            #expect(isNew, "an id comes twice")
        }
        #expect(seen.count == 5_000)
    }

    @Test func peopleOfBothProductsStartBuyAndLeave() {
        var generator = TrafficGenerator(settings())
        var counts: [EventType: Int] = [:]
        while generator.advance() { counts[generator.type, default: 0] += 1 }
        for type: EventType in [
            .salesLeadCreated, .offerCreated, .policyIssued, .checkoutStarted, .checkoutUpdated, .checkoutCompleted,
            .paymentPending, .paymentFailed, .leadCancelled, .contactOptedOut,
        ] {
            #expect(counts[type, default: 0] > 10, "\(type.name)")
        }
    }

    @Test func theSharesOfTheMixAreKept() {
        var settings = settings(events: 100_000, prospects: 100_000)
        settings.mix.insurance = 1
        settings.mix.buys = 1
        settings.mix.quits = 0
        var generator = TrafficGenerator(settings)
        var counts: [EventType: Int] = [:]
        while generator.advance() { counts[generator.type, default: 0] += 1 }
        #expect(counts[.checkoutStarted] == nil)
        #expect(counts[.contactOptedOut] == nil)
        // Visits that are under way at the end have not bought yet.
        let openings = counts[.salesLeadCreated, default: 0]
        #expect(counts[.policyIssued, default: 0] > openings * 9 / 10)
    }

    @Test func everyoneComesBeforeAnyoneComesTwice() {
        var settings = settings(events: 3_000, prospects: 777)
        settings.mix.buys = 0
        settings.mix.quits = 0
        var generator = TrafficGenerator(settings)
        var firstVisits: Set<Int> = []
        while firstVisits.count < 777, generator.advance() {
            if generator.type == .salesLeadCreated || generator.type == .checkoutStarted
                || generator.type == .offerCreated
            {
                firstVisits.insert(generator.person)
            }
        }
        #expect(firstVisits == Set(0..<777))
    }

    @Test func furtherUpdatesMakeCheckoutsLonger() {
        var settings = settings()
        settings.mix.insurance = 0
        settings.mix.furtherUpdates = 8
        var generator = TrafficGenerator(settings)
        var updates = 0
        while generator.advance() { updates += generator.type == .checkoutUpdated ? 1 : 0 }
        #expect(updates > 5_000 / 2)
    }

    @Test func aNewDayAndALeapDayAreWrittenRight() {
        var bytes = EventBytes()
        var writer = TimeWriter()
        for (time, text) in [
            (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_102_444_799_007, "2099-12-31T23:59:59.007Z"),
        ] as [(Int64, String)] {
            bytes.removeAll()
            writer.write(Instant(milliseconds: time), to: &bytes)
            #expect(String(decoding: bytes[0..<bytes.count], as: UTF8.self) == text)
        }
    }
}
