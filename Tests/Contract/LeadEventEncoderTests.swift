import Contract
import Foundation
import Testing

@Suite struct LeadEventEncoderTests {
    static let kinds: [LeadEventFixture.Kind] = LeadEventFixture.Kind.allCases

    @Test(arguments: [
        (LeadEventFixture.Kind.created, "lead.created"), (.converted, "lead.converted"), (.erased, "lead.erased"),
    ])
    func theExampleIsWhatIsWritten(kind: LeadEventFixture.Kind, name: String) throws {
        let written = LeadEventFixture(kind).encoded()
        let parsed = try #require(try JSONSerialization.jsonObject(with: Data(written)) as? NSDictionary)
        let example = try Schemas.object(name)
        #expect(parsed == example as NSDictionary)
    }

    @Test func theIDSaysWhatHappenedToWhichJourney() throws {
        let journey = "8c1f0e5d3b7a49268c1f0e5d3b7a4926"
        let ends = try Self.kinds.map { kind in
            let written = LeadEventFixture(kind).encoded()
            let event = try JSONSerialization.jsonObject(with: Data(written)) as? [String: Any]
            let id = try #require(event?["id"] as? String)
            #expect(id.hasPrefix("\(journey)-"))
            return String(id.dropFirst(journey.count + 1))
        }
        #expect(
            ends == [
                "created", "refreshed-1783094700000-00000000000000ff", "superseded", "converted", "ended", "ended",
                "expired", "erased",
            ])
    }

    @Test(arguments: [LeadEventFixture.Kind.superseded, .cancelled, .optedOut, .expired, .erased])
    func whatTakesALeadAwayBringsNoFields(kind: LeadEventFixture.Kind) {
        let text = String(decoding: LeadEventFixture(kind).encoded(), as: UTF8.self)
        #expect(!text.contains("fields") && !text.contains("Jane"))
    }

    @Test(.enabled(if: SchemaTests.isValidatorThere, "needs python3-jsonschema"))
    func everyLeadEventFollowsTheSchema() throws {
        let whole = Self.kinds.map { LeadEventFixture($0).encoded() }
        let bare = Self.kinds.map { kind in
            var fixture = LeadEventFixture(kind)
            for name in ["prospectID", "traceparent", "campaign", "product", "about", "source", "id"] {
                fixture.texts[name] = ""
            }
            fixture.texts["email"] = "jane.doe@example.com"
            fixture.texts["tenant"] = ""
            fixture.tags = []
            fixture.fields = []
            fixture.consent = .unknown
            return fixture.encoded()
        }
        let errors = try Validator.errors(in: whole + bare, schema: "lead-event")
        for (kind, errors) in zip(Self.kinds + Self.kinds, errors) { #expect(errors == "", "\(kind)") }
        for example in ["lead.created", "lead.converted", "lead.erased"] {
            #expect(try Validator.errors(try Schemas.example(example), schema: "lead-event") == "")
        }
    }

    @Test(.enabled(if: SchemaTests.isValidatorThere, "needs python3-jsonschema"))
    func theSchemaTellsOneKindFromAnother() throws {
        let created = try Schemas.object("lead.created")
        let erased = try Schemas.object("lead.erased")
        var wrong: [[String: Any]] = []
        for (event, type) in [(created, "lead.converted"), (created, "lead.erased"), (erased, "lead.created")] {
            wrong.append(event.merging(["type": type]) { $1 })
        }
        var data = try #require(erased["data"] as? [String: Any])
        data["fields"] = ["first_name": "Jane"]
        wrong.append(erased.merging(["data": data]) { $1 })
        let documents = try wrong.map { Array(try JSONSerialization.data(withJSONObject: $0)) }
        for errors in try Validator.errors(in: documents, schema: "lead-event") { #expect(errors != "") }
    }

    @Test func theLargestLeadEventFitsIntoAMessage() {
        func worst(_ count: Int) -> String { String(repeating: "\u{1}", count: count) }
        for kind in Self.kinds {
            var fixture = LeadEventFixture(kind)
            for (name, bound) in [
                ("subject", EventBounds.email), ("tenant", EventBounds.tenant), ("prospectID", EventBounds.prospectID),
                ("traceparent", EventBounds.traceparent), ("source", EventBounds.source), ("id", EventBounds.id),
                ("product", EventBounds.product), ("about", EventBounds.subject),
            ] {
                fixture.texts[name] = worst(bound)
            }
            fixture.fields = (0..<8).map { ("f\($0)", worst(EventBounds.field)) }
            #expect(fixture.encoded().count < 128 * 1024)
        }
    }
}

/// The lead events of `schemas/examples`, with parts that a test changes.
struct LeadEventFixture {
    enum Kind: CaseIterable, Sendable {
        case created, refreshed, superseded, converted, cancelled, optedOut, expired, erased
        var brings: Bool { self == .created || self == .refreshed }
    }

    let kind: Kind
    var texts = [
        "subject": "p-4711", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "tenant": "kasko", "prospectID": "p-4711", "email": "jane.doe@example.com", "policy": "unconverted-lead",
        "campaign": "winback", "product": "household-plus", "about": "l-9001", "source": "/insurance/leads",
        "id": "0197c5a4-6a10-7cc1-8f00-000000000001",
    ]
    var tags = ["unconverted-lead"]
    var fields = [("first_name", "Jane"), ("product_name", "Household Plus")]
    var consent = EventDecoder.Consent.given

    init(_ kind: Kind) {
        self.kind = kind
        if kind == .erased { texts.merge(["traceparent": "", "email": ""]) { $1 } }
    }

    private var time: Int64 {
        switch kind {
        case .created: 1_782_898_200_000
        case .erased: 1_784_534_400_000
        default: 1_783_094_700_000
        }
    }

    func encoded() -> [UInt8] {
        var copies: [UnsafeRawBufferPointer] = []
        defer { for copy in copies { copy.deallocate() } }
        func copy(_ text: String) -> UnsafeRawBufferPointer {
            copies.append(.copy(of: text.utf8))
            return copies[copies.count - 1]
        }
        func text(_ name: String) -> UnsafeRawBufferPointer { copy(texts[name] ?? "") }
        let cause = LeadEvent.Event(
            type: copy("policy.issued"), source: copy(texts["source"] == "" ? "" : "/insurance/policies"),
            id: copy(texts["id"] == "" ? "" : "0197d0b1-2210-7a00-8f00-000000000003"), time: 1_783_094_700_000)
        let journey: (high: UInt64, low: UInt64) = (0x8c1f_0e5d_3b7a_4926, 0x8c1f_0e5d_3b7a_4926)
        let kind: LeadEvent.Kind =
            switch self.kind {
            case .created: .created
            case .refreshed: .refreshed(by: cause, seed: 255)
            case .superseded: .superseded(by: cause, journey: journey)
            case .converted: .converted(by: cause, afterStep: 0)
            case .cancelled: .cancelled(by: cause)
            case .optedOut: .optedOut(by: cause)
            case .expired: .expired
            case .erased: .erased
            }
        let fields = fields.map { LeadEvent.Field(name: copy($0.0), value: .string(copy($0.1))) }
        let tags = tags.map(copy)
        return tags.withUnsafeBufferPointer { tags in
            fields.withUnsafeBufferPointer { fields in
                let none = UnsafeBufferPointer<LeadEvent.Text>(start: nil, count: 0)
                let event = LeadEvent(
                    kind: kind, journey: journey, source: copy("winback/winback"), subject: text("subject"), time: time,
                    traceparent: text("traceparent"), tenant: text("tenant"), prospectID: text("prospectID"),
                    email: text("email"), policyName: text("policy"), policyVersion: 1, consent: consent,
                    product: text("product"), about: text("about"), campaign: text("campaign"),
                    addedTags: self.kind.brings ? tags : none, removedTags: self.kind.brings ? none : tags,
                    fields: fields,
                    openedBy: LeadEvent.Event(
                        type: copy("sales-lead.created"), source: text("source"), id: text("id"),
                        time: 1_782_898_200_000))
                let encoder = LeadEventEncoder()
                return withExtendedLifetime(encoder) { Array(encoder.encode(event)) }
            }
        }
    }
}
