import Configuration
import Contract
import Foundation
import Journey
import Testing

@testable import winback

@Suite struct ErasureMessageTests {
    private static let request = ErasureRequest(
        person: .address(Array("jane@example.com".utf8)), tenant: "shop", id: "e-1",
        time: Date(timeIntervalSince1970: 1_800_000_000.25))

    private static func object(_ message: ErasureMessage) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(message.value)) as? NSDictionary)
    }

    @Test func inTheDefaultShapeItIsACloudEvent() throws {
        let message = try ErasureMessage(Self.request, .default, topic: "t")
        #expect(message.headers.map(\.name) == ["content-type"])
        #expect(message.key == Array("jane@example.com".utf8))
        #expect(
            try Self.object(message) == [
                "specversion": "1.0", "id": "e-1", "source": "winback/erase", "type": "contact.erasure-requested",
                "time": "2027-01-15T08:00:00.250Z", "datacontenttype": "application/json",
                "data": ["tenant": "shop", "prospect": ["email": "jane@example.com"]],
            ] as NSDictionary)
    }

    @Test func itIsWrittenInTheShapeThatTheTopicsEventsHave() throws {
        var mapping = EventMapping()
        mapping.shape.format = .json
        mapping.shape.required = []
        mapping.shape.timeFormat = .unixMilliseconds
        mapping.shape.places = [
            .type: [.header("kind")], .time: [.pointer("/at")], .email: [.pointer("/who/mail~1box")],
            .prospectID: [.pointer("/who/id")], .tenant: [.pointer("/shop"), .constant("x")],
        ]
        mapping.typeNames = [.contactErasureRequested: ["forget-me"]]
        let message = try ErasureMessage(Self.request, mapping, topic: "t")
        #expect(message.headers.map(\.name) == ["kind"])
        #expect(message.headers[0].value == Array("forget-me".utf8))
        #expect(
            try Self.object(message)
                == ["at": 1_800_000_000_250, "who": ["mail/box": "jane@example.com"], "shop": "shop"] as NSDictionary)
    }

    @Test func aShapeThatCannotSayItIsRefused() {
        var mapping = EventMapping()
        mapping.shape.places[.type] = [.constant("checkout.started")]
        #expect(throws: CommandError.self) { try ErasureMessage(Self.request, mapping, topic: "t") }
    }
}
