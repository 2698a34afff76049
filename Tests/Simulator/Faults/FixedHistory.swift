import Foundation
import Kafka

/// Some days of a few prospects, chosen so that a walk through all faults meets what matters: reminders, purchases that come
/// before and after one, an open and an aborted transaction of another service, a dead letter, an erasure, an opt-out.
///
/// Nothing that ends a journey lies within three hours of what is due: an engine that was away for two comes to the same
/// reminders.
struct FixedHistory {
    struct Event {
        var minute: Int64
        var type: String
        var prospect: String
        var product: String?
        var subject: String?
        /// What is published instead.
        var raw: [UInt8]?
        var isTombstone = false
        /// For how many minutes its transaction stays open, and whether it is aborted then.
        var transaction: (minutes: Int64, isAborted: Bool)?
    }

    static let minute: Int64 = 60_000
    /// The engine is started so long before: policies act on what opens from their activation on.
    static let startMinute: Int64 = -3 * 60
    static let endMinute: Int64 = 77 * 60
    /// An engine that is stopped and started in the middle, too.
    static let stopMinute: Int64 = 7 * 60

    static let events: [Event] = [
        Event(minute: 10, type: "checkout.started", prospect: "leaves"),
        Event(minute: 20, type: "checkout.started", prospect: "buys-at-once"),
        Event(minute: 25, type: "checkout.completed", prospect: "buys-at-once"),
        Event(minute: 30, type: "checkout.started", prospect: "buys-later"),
        Event(minute: 60, type: "sales-lead.created", prospect: "lead", product: "house"),
        Event(minute: 70, type: "checkout.started", prospect: "never", transaction: (60, true)),
        Event(minute: 100, type: "checkout.started", prospect: "buys-unseen"),
        Event(minute: 105, type: "checkout.completed", prospect: "buys-unseen", transaction: (180, false)),
        Event(minute: 120, type: "offer.created", prospect: "offer", product: "car", subject: "o-1"),
        Event(minute: 125, type: "offer.created", prospect: "offer-taken", product: "car", subject: "o-2"),
        Event(minute: 130, type: "", prospect: "nobody", raw: Array(#"{"specversion":"1.0","#.utf8)),
        Event(minute: 135, type: "", prospect: "nobody", isTombstone: true),
        Event(minute: 140, type: "shop.opened", prospect: "nobody"),
        Event(minute: 300, type: "checkout.started", prospect: "erased"),
        Event(minute: 305, type: "contact.erasure-requested", prospect: "erased"),
        Event(minute: 310, type: "checkout.started", prospect: "opts-out"),
        Event(minute: 315, type: "contact.opted-out", prospect: "opts-out"),
        Event(minute: 480, type: "policy.issued", prospect: "offer-taken", product: "car", subject: "o-2"),
        Event(minute: 490, type: "checkout.completed", prospect: "buys-later"),
        Event(minute: 500, type: "checkout.updated", prospect: "lead", product: "house"),
    ]

    /// What must come, each once: prospect, policy and step.
    static let reminders: Set<String> = [
        "leaves abandoned-checkout 1", "leaves abandoned-checkout 2", "buys-later abandoned-checkout 1",
        "lead unconverted-lead 1", "offer unconverted-offer 1",
    ]
    static let deadLetters = 1

    /// The products' policies, without the club's.
    static let configuration = PlainConfiguration(policies: Array(PlainConfiguration.products.prefix(3))).yaml
}

extension FixedHistory.Event {
    /// - Parameter time: in milliseconds since 1970.
    func value(_ number: Int, at time: Int64) -> [UInt8]? {
        if isTombstone { return nil }
        if let raw { return raw }
        let isOpening = ["checkout.started", "sales-lead.created", "offer.created"].contains(type)
        var data = #""tenant":"shop","prospect":{"id":"\#(prospect)","email":"\#(prospect)@example.com"}"#
        if let product { data += #","product":{"id":"\#(product)"}"# }
        if let subject, !isOpening { data += #","subject":"\#(subject)""# }
        let attribute = isOpening ? subject.map { #","subject":"\#($0)""# } ?? "" : ""
        let text = Date(timeIntervalSince1970: Double(time / 1000)).ISO8601Format()
        return Array(
            #"{"specversion":"1.0","id":"e-\#(number)","source":"/shop","type":"\#(type)"\#(attribute),"time":"\#(text)","data":{\#(data)}}"#
                .utf8)
    }
}

/// The services that publish it.
final class FixedUpstream {
    private let cluster: SimulatedCluster
    private let topic: String
    private let start: Int64
    private let values: [[UInt8]?]
    private var next = 0
    private var open: [(number: Int, until: Int64, isAborted: Bool)] = []

    init(cluster: SimulatedCluster, topic: String, start: Int64, values: [[UInt8]?]) {
        self.cluster = cluster
        self.topic = topic
        self.start = start
        self.values = values
    }

    static func values(start: Int64) -> [[UInt8]?] {
        FixedHistory.events.enumerated().map { number, event in
            event.value(number, at: start + event.minute * FixedHistory.minute)
        }
    }

    func work() {
        let now = cluster.world.wall
        while next < FixedHistory.events.count {
            let event = FixedHistory.events[next]
            let time = start + event.minute * FixedHistory.minute
            guard time <= now else { break }
            endTransactions(before: time)
            publish(event, values[next], at: time)
            next += 1
        }
        endTransactions(before: now)
    }

    private func endTransactions(before time: Int64) {
        for transaction in open where transaction.until <= time {
            cluster.end(transaction.number, transaction.isAborted ? .aborted : .committed)
        }
        open.removeAll { $0.until <= time }
    }

    private func publish(_ event: FixedHistory.Event, _ value: [UInt8]?, at time: Int64) {
        var number: Int?
        if let transaction = event.transaction {
            let begun = cluster.beginTransaction()
            number = begun
            open.append((begun, time + transaction.minutes * FixedHistory.minute, transaction.isAborted))
        }
        let key = Array(event.prospect.utf8)
        cluster.append(
            SimulatedCluster.Record(
                key: key, value: value, headers: [], timestamp: time, appended: time, transaction: number),
            to: cluster.place(of: key, in: topic))
    }
}
