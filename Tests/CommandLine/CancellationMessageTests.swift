import Configuration
import Engine
import Foundation
import Journey
import Terminal
import Testing

@testable import Leads
@testable import winback

@Suite("The message of a cancellation")
struct CancellationMessageTests {
    private static let time: Int64 = 1_782_898_200_250

    private static func configuration(_ settings: String) throws -> Configuration {
        try Configuration.parse(
            text: """
                kafka: {bootstrap.servers: "localhost:9092"}
                \(settings)
                templates: [mail]
                policies: [{name: a, opensOn: [checkout.started], convertsOn: [checkout.completed], steps: [{after: 1h, template: mail}]}]
                """)
    }

    private static func message(
        _ settings: String, _ opening: JournalState.Opening, product: String = "", subject: String = ""
    ) throws -> CancellationMessage {
        let cancellation = LeadCancellation(
            opening: opening, partition: 3, product: product, subject: subject, ends: [])
        return try CancellationMessage(cancellation, configuration(settings), id: "id-1", time: time)
    }

    private let opening = JournalState.Opening(tenant: "kasko", prospectID: "p-1", email: "p-1@example.com")

    @Test func itIsACloudEventWithNoMoreOfThePersonThanTellsWhoItIs() throws {
        let message = try Self.message("", opening, product: "pet", subject: "l-1")
        #expect(message.topic == "checkout-events" && message.key == "p-1")
        #expect(message.event.headers.map(\.name) == ["content-type"])
        #expect(
            String(decoding: message.event.value, as: UTF8.self)
                == #"{"data":{"product":{"id":"pet"},"prospect":{"id":"p-1"},"subject":"l-1","tenant":"kasko"},"datacontenttype":"application/json","id":"id-1","#
                + #""source":"winback/winback/leads-cancel","specversion":"1.0","time":"2026-07-01T09:30:00.250Z","#
                + #""type":"lead.cancelled"}"#)
    }

    @Test func theKeyIsTheOneThatTheLeadWasOpenedWith() throws {
        var keyed = opening
        keyed.key = "kasko:p-1"
        #expect(try Self.message("", keyed).key == "kasko:p-1")
        keyed.key = "p-1@example.com"
        let byAddress = try Self.message("", keyed)
        #expect(byAddress.key == "p-1@example.com")
        #expect(String(decoding: byAddress.event.value, as: UTF8.self).contains(#""email":"p-1@example.com""#))
        keyed = JournalState.Opening(tenant: "kasko", email: "p-1@example.com")
        #expect(try Self.message("", keyed).key == "p-1@example.com")
        #expect(try Self.message("identity: email", opening).key == "p-1@example.com")
    }

    @Test func itHasTheShapeOfTheTopicsMessages() throws {
        let settings = """
            events:
              format: json
              type: {header: kind}
              time: /at
              timeFormat: seconds
              prospect: /customer/number
              tenant: {value: kasko}
              product: /what/product
              types: {lead.cancelled: [LeadGone, LeadDead]}
            """
        let message = try Self.message(settings, opening, product: "pet").event
        #expect(message.headers.map(\.name) == ["kind"])
        #expect(message.headers.map { String(decoding: $0.value ?? [], as: UTF8.self) } == ["LeadGone"])
        let object = try JSONSerialization.jsonObject(with: Data(message.value)) as? NSDictionary
        #expect(object == ["at": 1_782_898_200.25, "customer": ["number": "p-1"], "what": ["product": "pet"]])
    }

    @Test func whatItsTopicsCannotSayIsRefused() throws {
        let settings = "events: {format: json, type: /kind, time: /at, prospect: /customer}"
        // There is no place for the tenant, nor for the product.
        #expect(throws: CommandError.self) { try Self.message(settings, opening) }
        var nobodys = opening
        nobodys.tenant = ""
        _ = try Self.message(settings, nobodys)
        #expect(throws: CommandError.self) { try Self.message(settings, nobodys, product: "pet") }
    }
}
