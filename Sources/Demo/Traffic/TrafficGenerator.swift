import Journey
import Kafka

/// Makes a stream of checkout events that looks like that of two real products, in the order of their times.
///
/// People look for insurance or for a membership; they leave, come back, buy, cancel and opt out. Everything about them is
/// invented. The stream follows from its settings alone. One event after the other is written into the same memory:
/// nothing is allocated per event, so that the benchmark measures the engine and not its traffic.
public struct TrafficGenerator: ~Copyable {
    public let settings: TrafficSettings
    /// The event in hand.
    public private(set) var type = EventType.checkoutStarted
    public private(set) var time: Instant
    /// How many events were made.
    public private(set) var count = 0

    private let draw: Draw
    private let table: StoryTable
    private var agenda = Agenda()
    private var writer: EventWriter
    private var visit: Visit
    private var nextVisit: UInt64 = 0
    private var nextArrival: Int64
    private let millisecondsBetweenVisits: Double
    private let personStride: UInt64
    private let structuredHeaders = ConstantHeaders.structured
    private var binaryHeaders: [MessageHeader] = []

    public init(_ settings: TrafficSettings) {
        precondition(settings.prospects > 0, "somebody has to be there")
        precondition(settings.storySpeed > 0, "stories go on")
        self.settings = settings
        time = settings.start
        draw = Draw(seed: Draw.mix(settings.seed))
        table = StoryTable(settings.mix)
        writer = EventWriter(draw: draw)
        personStride = Self.stride(UInt64(settings.prospects))
        let visits = max(1, Double(settings.events) / table.eventsPerVisit)
        millisecondsBetweenVisits = Double(settings.duration.milliseconds) / visits
        nextArrival = settings.start.milliseconds
        visit = Visit(number: 0, person: 0, product: .membership, draw: draw)
    }

    /// The prospect's id.
    public var key: UnsafeRawBufferPointer { writer.key }
    public var value: UnsafeRawBufferPointer {
        switch settings.mode {
        case .structured: writer.structured
        case .binary: writer.data
        }
    }
    public var headers: [MessageHeader] {
        switch settings.mode {
        case .structured: structuredHeaders
        case .binary: binaryHeaders
        }
    }
    /// The number of the person that the event is about; below `settings.prospects`.
    public var person: Int { Int(visit.person) }
    public var visitor: Visitor { Visitor(visit) }

    /// Makes the next event. Returns false when there are no more; the last one stays in hand.
    public mutating func advance() -> Bool {
        guard count < settings.events else { return false }
        let entry = takeNext()
        let story = Int(entry.what >> 8 & 0xFF)
        let step = Int(entry.what & 0xFF)
        let number = entry.what >> 16
        let steps = table.steps[story]
        if step + 1 < steps.count {
            schedule(entry.what + 1, steps[step + 1], after: entry.time, of: number, step: step + 1)
        }
        visit = Visit(number: number, person: person(of: number), product: table.stories[story].product, draw: draw)
        type = steps[step].type
        time = Instant(milliseconds: entry.time)
        writer.write(type, visit, step: step, subject: steps[step].subject, at: time)
        if settings.mode == .binary { writeBinaryHeaders() }
        count += 1
        return true
    }

    /// What is earliest: the next visit's first event, or something that an earlier visitor does.
    @inline(__always)
    private mutating func takeNext() -> Agenda.Entry {
        if let first = agenda.first, first.time <= nextArrival {
            agenda.removeFirst()
            return first
        }
        let number = nextVisit
        let product: Story.Product =
            UInt32(truncatingIfNeeded: draw(person(of: number), 4)) < table.insuranceUpTo ? .insurance : .membership
        let story = table.story(of: product, draw: UInt32(truncatingIfNeeded: draw(number, 5)))
        let entry = Agenda.Entry(time: nextArrival, what: number << 16 | UInt64(story) << 8)
        nextVisit += 1
        // Somewhere within its slot, so that arrivals don't tick like a clock and still come in order.
        let slot = Double(nextVisit) + Double(draw(nextVisit, 6) >> 11) * 0x1p-53
        nextArrival = settings.start.milliseconds + Int64(slot * millisecondsBetweenVisits)
        return entry
    }

    @inline(__always)
    private mutating func schedule(
        _ what: UInt64, _ step: StoryTable.Step, after time: Int64, of visit: UInt64, step number: Int
    ) {
        let spread = UInt64(step.after.upperBound - step.after.lowerBound) + 1
        let delay = step.after.lowerBound + Int64(Draw.scale(draw(visit, UInt64(number) &+ 512), below: spread))
        let scaled = settings.storySpeed == 1 ? delay : Int64(Double(delay) / settings.storySpeed)
        agenda.insert(Agenda.Entry(time: time + scaled, what: what))
    }

    /// Every person comes once before anyone comes twice, in an order that looks like none.
    @inline(__always)
    private func person(of visit: UInt64) -> UInt64 {
        let prospects = UInt64(settings.prospects)
        return prospects.dividingFullWidth((visit % prospects).multipliedFullWidth(by: personStride)).remainder
    }

    /// About the golden section of `count`, and without a common divisor with it.
    private static func stride(_ count: UInt64) -> UInt64 {
        guard count > 2 else { return 1 }
        var stride = max(1, UInt64(Double(count) * 0.618))
        while divisor(stride, count) != 1 { stride -= 1 }
        return stride
    }

    private static func divisor(_ a: UInt64, _ b: UInt64) -> UInt64 { b == 0 ? a : divisor(b, a % b) }

    private mutating func writeBinaryHeaders() {
        binaryHeaders.removeAll(keepingCapacity: true)
        binaryHeaders.append(ConstantHeaders.json)
        binaryHeaders.append(ConstantHeaders.specVersion)
        binaryHeaders.append(MessageHeader(name: ConstantHeaders.id, value: writer.id))
        binaryHeaders.append(MessageHeader(name: ConstantHeaders.source, value: writer.source))
        binaryHeaders.append(MessageHeader(name: ConstantHeaders.type, value: writer.type))
        binaryHeaders.append(MessageHeader(name: ConstantHeaders.time, value: writer.time))
        if !writer.subject.isEmpty {
            binaryHeaders.append(MessageHeader(name: ConstantHeaders.subject, value: writer.subject))
        }
    }
}
