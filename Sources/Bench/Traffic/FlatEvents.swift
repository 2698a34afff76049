import Configuration
import Journey
import Kafka

/// Events as a checkout service of one's own may publish them: flat JSON, no CloudEvents, some 366 bytes. Any other
/// program can read them, too, so that a peer does its work on the same bytes.
///
/// ```
/// {"event_id":"…","type":"checkout_started","prospect_id":"p-0000000017","occurred_at":1767225600000, …}
/// ```
/// Each is a template with its numbers written over: nothing is allocated, and nothing is measured of this but a copy.
final class FlatEvents {
    enum Kind: Int, CaseIterable {
        case started, updated, paymentAttempted, completed

        fileprivate var name: String {
            switch self {
            case .started: "checkout_started"
            case .updated: "cart_updated"
            case .paymentAttempted: "payment_attempted"
            case .completed: "order_completed"
            }
        }
    }

    /// Of all events.
    static let tenant = "shop-001"

    /// `events:` of the configuration.
    static let mapping = """
        events:
          format: json
          type: /type
          types:
            checkout.started: checkout_started
            checkout.updated: [cart_updated, payment_attempted]
            checkout.completed: order_completed
          id: /event_id
          time: /occurred_at
          timeFormat: milliseconds
          tenant: /tenant
          prospect: /prospect_id
          email: /payload/email
          consent: /payload/consent
          fields:
            /data/checkout/url: /payload/link
        """

    /// One kind's bytes, and where its numbers stand in them.
    private final class Template {
        let bytes: UnsafeMutableRawBufferPointer
        let persons: [Range<Int>]
        let numbers: [Range<Int>]
        let times: [Range<Int>]

        init(_ text: String) {
            let text = Array(text.utf8)
            bytes = .allocate(byteCount: text.count, alignment: 8)
            bytes.copyBytes(from: text)
            func runs(of mark: UInt8) -> [Range<Int>] {
                var runs: [Range<Int>] = []
                for index in text.indices where text[index] == mark {
                    if let last = runs.last, last.upperBound == index {
                        runs[runs.count - 1] = last.lowerBound..<index + 1
                    } else {
                        runs.append(index..<index + 1)
                    }
                }
                return runs
            }
            persons = runs(of: 1)
            numbers = runs(of: 2)
            times = runs(of: 3)
        }

        deinit { bytes.deallocate() }

        /// Writes a number's last digits over each place.
        func write(_ number: Int, over places: [Range<Int>]) {
            for place in places {
                var left = number
                for index in place.reversed() {
                    let (quotient, digit) = left.quotientAndRemainder(dividingBy: 10)
                    bytes[index] = 48 &+ UInt8(truncatingIfNeeded: digit)
                    left = quotient
                }
            }
        }
    }

    private let templates: [Template]
    private var current: Template

    init() {
        templates = Kind.allCases.map { kind in
            let person = String(repeating: "\u{1}", count: 10)
            let number = String(repeating: "\u{2}", count: 12)
            let time = String(repeating: "\u{3}", count: 13)
            return Template(
                #"{"event_id":"0190f3c2-7b1a-7000-9c4e-\#(number)","type":"\#(kind.name)","prospect_id":"p-\#(person)""#
                    + #","occurred_at":\#(time),"tenant":"\#(Self.tenant)","schema":3"#
                    + #","payload":{"cart_id":"c-\#(person)","items":2"#
                    + #","currency":"EUR","total_minor":19900,"email":"p-\#(person)@mail.example.com","locale":"de-DE""#
                    + #","consent":true,"source":"web","step":"payment""#
                    + #","link":"https://shop.example.com/c/\#(number)"}}"#
            )
        }
        current = templates[0]
    }

    /// Writes an event over the one before.
    func write(_ kind: Kind, person: Int, number: Int, at time: Instant) {
        current = templates[kind.rawValue]
        current.write(person, over: current.persons)
        current.write(number, over: current.numbers)
        current.write(Int(time.milliseconds), over: current.times)
    }

    /// Good until the next is written.
    var value: UnsafeRawBufferPointer { UnsafeRawBufferPointer(current.bytes) }

    /// The prospect's id, as in `p-0000000017`.
    var key: UnsafeRawBufferPointer {
        let first = current.persons[0]
        return UnsafeRawBufferPointer(rebasing: value[first.lowerBound - 2..<first.upperBound])
    }

    /// The id that a person has in the events.
    static func prospectID(of person: Int) -> String {
        let digits = String(person)
        return "p-" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }

    /// The person of a prospect's id or of a key that ends in one; `nil` if it is none of ours.
    static func person(of key: UnsafeRawBufferPointer) -> Int? {
        guard key.count >= 10 else { return nil }
        var number = 0
        for byte in key[(key.count - 10)...] {
            guard (48...57).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 48)
        }
        return number
    }

    /// One policy with one step: a reminder after the last activity, unless the order completes.
    static func configuration(
        data: String, names: TopicNames = TopicNames(), group: String = "winback-bench", wait: String = "24h",
        maxLateness: String = "24h"
    ) throws -> Configuration {
        try Configuration.parse(
            text: """
                kafka: {bootstrap.servers: "\(names.bootstrapServers)"}
                topics:
                  events: \(names.events)
                  reminders: \(names.reminders)
                  deadLetters: \(names.deadLetters)
                  partitioner: any
                data: \(data)
                group: \(group)
                \(mapping)
                templates: [come-back]
                policies:
                  - name: abandoned-checkout
                    opensOn: [checkout.started]
                    convertsOn: [checkout.completed]
                    backfill: 3650d
                    steps: [{after: \(wait), template: come-back, maxLateness: \(maxLateness)}]
                    command:
                      fields:
                        checkout_url: {from: /data/checkout/url, fallback: "https://shop.example.com"}
                """)
    }
}
