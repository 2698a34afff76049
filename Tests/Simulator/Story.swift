import Foundation
import RandomTestSupport

/// An event that some service publishes, and when.
public struct Happening: Sendable {
    /// On the world's wall clock, in milliseconds since 1970.
    public var publishedAt: Int64
    public var time: Int64
    public var type: String
    public var prospect: String
    public var id: String
    public var product: String?
    /// What an opening is about, or what another event says that it is about.
    public var subject: String?
    /// What is published instead of the event.
    public var malformed: String?

    static let openings: Set<String> = ["checkout.started", "sales-lead.created", "offer.created"]

    var value: String {
        if let malformed { return malformed }
        let isOpening = Self.openings.contains(type)
        var data = #""tenant":"shop","prospect":{"id":"\#(prospect)","email":"\#(prospect)@example.com"}"#
        if let product { data += #","product":{"id":"\#(product)"}"# }
        if let subject, !isOpening { data += #","subject":"\#(subject)""# }
        let attribute = isOpening ? subject.map { #","subject":"\#($0)""# } ?? "" : ""
        return
            #"{"specversion":"1.0","id":"\#(id)","source":"/shop","type":"\#(type)"\#(attribute),"time":"\#(Self.text(time))","data":{\#(data)}}"#
    }

    static func text(_ milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds / 1000))
        let text = date.ISO8601Format().dropLast()
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(text).\(fraction)Z"
    }
}

/// What one prospect does, as far as the oracle must know it.
public struct Story: Sendable {
    public enum Kind: CaseIterable, Sendable {
        /// A checkout that is left, one that is finished, and a lead or offer that is left or becomes a policy.
        case leaves, buys, lead, leadBuys, offer
        /// Anything, in any order: only the promises are checked, not what must come.
        case wild
    }

    public var prospect: String
    public var kind: Kind
    public var happenings: [Happening]

    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 60 * minute

    static func make(_ number: Int, from start: Int64, length: Int64, _ random: inout SeededGenerator) -> Story {
        let prospect = "p-\(number)"
        let kind = Kind.allCases.randomElement(using: &random) ?? .leaves
        let begin = start + Int64.random(in: 0..<length, using: &random)
        var story = Story(prospect: prospect, kind: kind, happenings: [])
        func later(_ range: ClosedRange<Int64>) -> Int64 { begin + Int64.random(in: range, using: &random) }
        switch kind {
        case .leaves: story.add("checkout.started", begin, subject: "c-\(number)", &random)
        case .buys:
            story.add("checkout.started", begin, subject: "c-\(number)", &random)
            story.add("checkout.completed", later(minute...40 * hour), subject: "c-\(number)", &random)
        case .lead: story.add("sales-lead.created", begin, product: "house", &random)
        case .leadBuys:
            story.add("sales-lead.created", begin, product: "house", &random)
            let product = random.chance(50) ? "house" : nil
            story.add("policy.issued", later(minute...100 * hour), product: product, &random)
        case .offer: story.add("offer.created", begin, product: "car", subject: "o-\(number)", &random)
        case .wild: story.goWild(begin, &random)
        }
        return story
    }

    private mutating func goWild(_ begin: Int64, _ random: inout SeededGenerator) {
        let types = [
            "checkout.started", "checkout.started", "checkout.updated", "checkout.completed", "sales-lead.created",
            "offer.created", "policy.issued", "payment.pending", "payment.failed", "lead.cancelled",
            "contact.opted-out", "contact.opted-in", "contact.erasure-requested", "shop.opened",
        ]
        for _ in 0..<Int.random(in: 2...12, using: &random) {
            let time = begin + Int64.random(in: 0...10 * 24 * Self.hour, using: &random)
            let type = types.randomElement(using: &random) ?? "checkout.started"
            add(
                type, time, product: random.chance(50) ? ["house", "car"].randomElement(using: &random) : nil,
                subject: random.chance(50) ? "s-\(Int.random(in: 0..<3, using: &random))" : nil, &random)
            guard let last = happenings.last else { continue }
            if random.chance(15) {
                var again = last
                again.publishedAt += Int64.random(in: 0...48 * Self.hour, using: &random)
                happenings.append(again)
            }
            if random.chance(10) {
                happenings[happenings.count - 1].publishedAt += Int64.random(in: 0...30 * Self.hour, using: &random)
            }
            if random.chance(5) {
                var bad = last
                bad.malformed = [#"{"specversion":"1.0","#, "[]", "", #"{"type":"checkout.started"}"#].randomElement(
                    using: &random)
                happenings.append(bad)
            }
        }
    }

    private mutating func add(
        _ type: String, _ time: Int64, product: String? = nil, subject: String? = nil,
        _ random: inout SeededGenerator
    ) {
        happenings.append(
            Happening(
                publishedAt: time + Int64.random(in: 0...2_000, using: &random), time: time, type: type,
                prospect: prospect, id: "\(prospect)-\(happenings.count)", product: product, subject: subject))
    }
}
