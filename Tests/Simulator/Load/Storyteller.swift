import RandomTestSupport

/// Makes up stories, so that together they meet every row of the semantics, and each other at its edges.
struct Storyteller {
    /// What a story is about; things happen besides.
    enum Kind: CaseIterable {
        case checkout, lead, offers, leadAndOffer, payments, reentry, club, choices, erasure, addresses, skew, late
        case history, wild, byAddress, keys, future
    }

    static let minute = PlainPolicy.minute
    static let hour = PlainPolicy.hour
    static let day = PlainPolicy.day

    var random: SeededGenerator
    let identity: PlainConfiguration.Identity
    /// When the engine is started for the first time, and for how long stories begin after that.
    let start: Int64
    let length: Int64
    /// Of how many messages in a hundred something goes wrong on their way.
    var troublePercent = 10

    var name = ""
    var tenant = "shop"
    var begin: Int64 = 0
    var story: [Happening] = []
    /// Services' times have milliseconds or none: those meet at the edges.
    private var grain: Int64 = 1

    init(seed: UInt64, identity: PlainConfiguration.Identity, start: Int64, length: Int64) {
        random = SeededGenerator(seed: seed)
        self.identity = identity
        self.start = start
        self.length = length
    }

    mutating func tell(_ number: Int, _ kind: Kind? = nil) -> Story {
        name = "p-\(number)"
        tenant = "shop"
        grain = random.chance(50) ? 1 : Self.minute
        begin = start + within(0...length)
        begin -= begin % grain
        story = []
        switch kind ?? Kind.allCases.randomElement(using: &random) ?? .checkout {
        case .checkout: checkout()
        case .lead: lead()
        case .offers: offers()
        case .leadAndOffer: leadAndOffer()
        case .payments: payments()
        case .reentry: reentry()
        case .club: club()
        case .choices: choices()
        case .erasure: erasure()
        case .addresses: addresses()
        case .skew: skew()
        case .late: late()
        case .history: history()
        case .wild: wild()
        case .byAddress: byAddress()
        case .keys: keys()
        case .future: future()
        }
        trouble()
        return Story(prospect: name, happenings: story)
    }

    mutating func within(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }

    mutating func pick<T>(_ some: [T]) -> T { some[Int.random(in: 0..<some.count, using: &random)] }

    /// - Parameter after: from the story's beginning.
    mutating func add(_ type: String, after: Int64 = 0, _ change: (inout Happening) -> Void = { _ in }) {
        let time = begin + after - after % grain
        var happening = Happening(
            publishedAt: time + within(0...2_000), time: time, type: type, id: "\(name)-\(story.count)")
        happening.tenant = tenant
        happening.prospect = name
        happening.email = "\(name)@example.com"
        if random.chance(60) { happening.firstName = pick(["Ada", "Bea", "Cleo"]) }
        if type.hasPrefix("sales-lead") || type.hasPrefix("offer") || type.hasPrefix("policy") {
            happening.product = random.chance(70) ? pick(["house", "car"]) : nil
        }
        change(&happening)
        if identity == .email && happening.email == nil { happening.prospect = nil }
        story.append(happening)
    }

    /// About when something is due: what happens just before and just after matters most.
    mutating func about(_ due: Int64) -> Int64 {
        random.chance(40) ? max(1, due + within(-15_000...15_000)) : within(1...due * 2)
    }

    // MARK: On the way

    /// Delays, duplicates, transactions, and what is no event at all.
    private mutating func trouble() {
        var told: [Happening] = []
        for happening in story {
            var happening = happening
            if random.chance(troublePercent) { happening.publishedAt += within(0...30 * Self.hour) }
            if random.chance(troublePercent / 3) {
                happening.transaction = Happening.Transaction(
                    milliseconds: within(100...Self.minute), isAborted: random.chance(40))
                if happening.transaction?.isAborted == true {
                    // The service publishes it again.
                    var again = happening
                    again.transaction = nil
                    again.publishedAt += 90_000
                    told.append(again)
                }
            }
            told.append(happening)
            guard random.chance(troublePercent) else { continue }
            var other = happening
            other.transaction = nil
            switch Int.random(in: 0..<8, using: &random) {
            case 0: other.body = .tombstone
            case 1:
                other.body = .malformed(pick([#"{"specversion":"1.0","#, "[]", "", #"{"type":"checkout.started"}"#]))
            case 2: other.type = "shop.opened"
            default: other.publishedAt += pick([0, within(0...48 * Self.hour)])
            }
            told.append(other)
        }
        story = told
    }
}
