/// What people do.
extension Storyteller {
    mutating func checkout() {
        add("checkout.started") { $0.subject = "cart" }
        if random.chance(40) { add("checkout.updated", after: about(Self.hour)) }
        if random.chance(50) { add("checkout.completed", after: about(pick([Self.hour, 25 * Self.hour]))) }
    }

    mutating func lead() {
        add("sales-lead.created")
        if random.chance(20) { add("sales-lead.created", after: within(1...Self.day)) }
        if random.chance(50) { add("policy.issued", after: about(3 * Self.day)) }
        if random.chance(15) { add("lead.cancelled", after: about(3 * Self.day)) }
    }

    mutating func offers() {
        for offer in 0..<Int64(pick([1, 2, 3])) {
            add("offer.created", after: offer * Self.hour) { $0.subject = "offer-\(offer)" }
        }
        if random.chance(60) {
            let subject = random.chance(70) ? "offer-\(within(0...3))" : nil
            add("policy.issued", after: about(12 * Self.hour)) { $0.subject = subject }
        }
    }

    mutating func leadAndOffer() {
        let product = pick([nil, "house", "car"])
        add("sales-lead.created") { $0.product = product }
        add("offer.created", after: pick([within(0...2 * Self.day), 3 * Self.day - 1, -within(0...20 * Self.minute)])) {
            $0.subject = "offer"
            if $0.product != nil { $0.product = product }
        }
        if random.chance(40) { story[0].publishedAt += within(0...5 * Self.day) }
    }

    mutating func payments() {
        let type = pick(["checkout", "lead"])
        add(type == "checkout" ? "checkout.started" : "sales-lead.created")
        let pending = within(-8 * Self.minute...2 * Self.hour)
        add("payment.pending", after: pending)
        if random.chance(25) { story[story.count - 1].publishedAt = story[0].publishedAt - 1 }
        if random.chance(30) { add("payment.pending", after: pending + within(0...20 * Self.hour)) }
        if random.chance(50) {
            add("payment.failed", after: pending + pick([within(1...30 * Self.hour), 24 * Self.hour]))
        }
        if random.chance(30) { add("checkout.updated", after: pending + within(1...30 * Self.hour)) }
        if random.chance(30) {
            add(
                type == "checkout" ? "checkout.completed" : "policy.issued", after: pending + within(1...30 * Self.hour)
            )
        }
    }

    mutating func reentry() {
        add("checkout.started")
        if random.chance(40) { add("checkout.completed", after: about(Self.hour)) }
        let window = 7 * Self.day
        for after in [within(1...6 * Self.day), pick([window - 1, window, window + 1, window + within(1...Self.day)])]
        where random.chance(70) {
            add("checkout.started", after: after)
        }
        if random.chance(30) { add("checkout.started", after: window * 2 + within(-1...Self.hour)) }
        if random.chance(20) {
            // Steps are left when the window ends, because holds have held them.
            for round in 0..<9 {
                add("payment.pending", after: Int64(round) * 23 * Self.hour + 20 * Self.minute)
            }
        }
    }

    mutating func club() {
        tenant = "club"
        if random.chance(80) {
            add("checkout.started") { [consent = pick([true, true, true, false, nil])] in $0.consent = consent }
        }
        if random.chance(50) {
            add("checkout.started", after: within(1...8 * Self.hour)) { [consent = pick([true, nil])] in
                $0.consent = consent
            }
        }
        if random.chance(30) { add("offer.created", after: within(1...3 * Self.hour)) { $0.consent = true } }
        if random.chance(30) { add("checkout.updated", after: within(1...10 * Self.hour)) { $0.consent = false } }
        if random.chance(40) {
            add("checkout.started", after: within(12 * Self.hour...3 * Self.day)) { $0.consent = true }
        }
        if random.chance(20) { add("checkout.completed", after: about(2 * Self.hour)) }
    }

    mutating func choices() {
        let opening = pick(["checkout.started", "sales-lead.created"])
        add(opening)
        var after: Int64 = 0
        for _ in 0..<pick([1, 2, 4]) {
            after += within(1...12 * Self.hour)
            add(pick(["contact.opted-out", "contact.opted-in", opening, opening]), after: after)
        }
    }

    mutating func erasure() {
        let opening = pick(["checkout.started", "offer.created", "sales-lead.created"])
        add(opening) { $0.subject = "first" }
        let erased = about(Self.hour)
        add("contact.erasure-requested", after: erased)
        add(opening, after: max(1, erased + within(-2 * Self.hour...2 * Self.hour))) { $0.subject = "second" }
        if random.chance(50) { story[story.count - 1].publishedAt += within(0...5 * Self.hour) }
        if random.chance(30) { add("checkout.started", after: erased + 8 * Self.day) }
    }

    mutating func addresses() {
        let begins = random.chance(60)
        if begins {
            let email = pick([nil, "not an address", "\(name)@example.com"])
            add("checkout.started") { $0.email = email }
        }
        if random.chance(70) {
            let email = pick([nil, "\(name)@other.example"])
            add("checkout.updated", after: about(Self.hour)) { $0.email = email }
        }
        if random.chance(60) {
            let email = pick([nil, nil, "\(name)@third.example"])
            add("sales-lead.created", after: within(1...Self.day)) { $0.email = email }
        }
        if !begins && random.chance(50) { add("checkout.started", after: -within(1...Self.hour)) }
        if random.chance(30) { add("checkout.completed", after: within(-Self.hour...Self.hour)) }
    }

    mutating func skew() {
        let skew = PlainConfiguration.skew
        let (opening, ending) = pick([
            ("checkout.started", "checkout.completed"), ("sales-lead.created", "policy.issued"),
        ])
        add(ending)
        add(opening, after: pick([skew, skew + 1, skew - 1, 0, -1, within(0...2 * skew)])) {
            $0.product = nil
        }
        // In the order of their times, or the other way round.
        if random.chance(50) { story[0].publishedAt = story[1].publishedAt + within(1...Self.hour) }
    }

    mutating func late() {
        add(pick(["checkout.started", "sales-lead.created", "offer.created"]))
        let last = story.count - 1
        story[last].publishedAt += pick([5 * Self.day, within(4 * Self.day...9 * Self.day), within(1...2 * Self.day)])
        if random.chance(40) { add(pick(["checkout.completed", "policy.issued"]), after: about(Self.day)) }
    }

    /// From before the engine was ever started.
    mutating func history() {
        begin = start - within(0...6 * Self.day)
        tenant = pick(["club", "club", "shop"])
        add("checkout.started") { $0.consent = true }
        if random.chance(40) { add("checkout.completed", after: about(Self.hour)) }
        if random.chance(40) { add("sales-lead.created", after: within(0...Self.day)) }
    }

    /// Without an id, and in some cases with one later: then they are two prospects.
    mutating func byAddress() {
        let opening = pick(["checkout.started", "sales-lead.created"])
        add(opening) { $0.prospect = nil }
        add("checkout.updated", after: about(Self.hour)) { $0.prospect = nil }
        if random.chance(40) {
            add(pick(["checkout.completed", "policy.issued"]), after: about(Self.hour)) { $0.prospect = nil }
        }
        if random.chance(40) { add(opening, after: within(1...Self.day)) }
    }

    mutating func keys() {
        add("checkout.started") { [chance = random.chance(40)] in if chance { $0.key = "somebody-else" } }
        if random.chance(50) { add("checkout.updated", after: about(Self.hour)) { $0.key = "a-cart" } }
        if random.chance(50) { add("checkout.completed", after: about(Self.hour)) { $0.key = "a-cart" } }
    }

    mutating func future() {
        let opening = pick(["checkout.started", "sales-lead.created", "offer.created"])
        add(opening)
        add(
            pick([opening, "contact.opted-out", "checkout.updated", "checkout.completed"]), after: within(1...Self.day))
        let last = story.count - 1
        story[last].time += within(1...400 * Self.day)
        add(opening, after: within(1...9 * Self.day))
    }

    mutating func wild() {
        let types =
            Model.types.sorted() + ["checkout.started", "checkout.started", "offer.created", "checkout.updated"]
        for _ in 0..<Int.random(in: 3...14, using: &random) {
            let subject = random.chance(50) ? "s-\(within(0...2))" : nil
            add(pick(types), after: within(0...10 * Self.day)) { if let subject { $0.subject = subject } }
        }
    }
}
