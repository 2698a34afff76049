import Foundation

/// A message that some service publishes, and when.
public struct Happening: Hashable, Sendable {
    /// On the world's wall clock, in milliseconds since 1970; the message's timestamp, too.
    public var publishedAt: Int64
    /// The event's own time.
    public var time: Int64
    public var type: String
    public var id: String
    public var tenant = "shop"
    /// The prospect's id; some events name an address alone.
    public var prospect: String?
    public var email: String?
    public var product: String?
    /// What an opening is about, or what another event says that it is about.
    public var subject: String?
    public var consent: Bool?
    public var firstName: String?
    /// The message's key, where it is not the prospect's identity.
    public var key: String?
    public var body = Body.event
    public var transaction: Transaction?

    public enum Body: Hashable, Sendable {
        case event
        case tombstone
        /// What is published instead of the event.
        case malformed(String)
    }

    /// The service publishes it in a transaction that stays open for a while.
    public struct Transaction: Hashable, Sendable {
        public var milliseconds: Int64
        public var isAborted: Bool
    }

    static let openings: Set<String> = ["checkout.started", "sales-lead.created", "offer.created"]

    var value: [UInt8]? {
        switch body {
        case .tombstone: nil
        case .malformed(let text): Array(text.utf8)
        case .event: Array(json.utf8)
        }
    }

    private var json: String {
        let isOpening = Self.openings.contains(type)
        var person: [String] = []
        if let prospect { person.append(#""id":"\#(prospect)""#) }
        if let email { person.append(#""email":"\#(email)""#) }
        if let firstName { person.append(#""firstName":"\#(firstName)""#) }
        var data = #""tenant":"\#(tenant)","prospect":{\#(person.joined(separator: ","))}"#
        if let product { data += #","product":{"id":"\#(product)"}"# }
        if let consent { data += #","consent":\#(consent)"# }
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

extension Happening: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        var parts = ["\(Self.text(publishedAt)) \(type) \(id)"]
        if time != publishedAt { parts.append("of \(Self.text(time))") }
        parts.append("by \(prospect ?? "nobody")\(email.map { " <\($0)>" } ?? "")")
        if tenant != "shop" { parts.append("at \(tenant)") }
        if let product { parts.append("for \(product)") }
        if let subject { parts.append("about \(subject)") }
        if let consent { parts.append(consent ? "with consent" : "without consent") }
        if let firstName { parts.append("named \(firstName)") }
        if let key { parts.append("keyed \(key)") }
        if let transaction {
            parts.append(
                "in a transaction of \(transaction.milliseconds) ms\(transaction.isAborted ? ", aborted" : "")")
        }
        switch body {
        case .event: break
        case .tombstone: parts.append("(a tombstone)")
        case .malformed(let text): parts.append("(malformed: \(text))")
        }
        return parts.joined(separator: " ")
    }
}
