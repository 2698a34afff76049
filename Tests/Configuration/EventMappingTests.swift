import Contract
import Journey
import Testing

@testable import Configuration

/// `events:`, where the events of others are made ours.
struct EventMappingTests {
    private static func configuration(_ events: String, topics: String = "", fields: String = "") throws
        -> Configuration
    {
        try Configuration.parse(text: minimal("events: \(events)\n\(topics)", policy: fields))
    }

    private static func mapping(_ events: String) throws -> EventMapping { try configuration(events).events.common }

    @Test func withoutAMappingEventsAreOfTheDefaultShape() throws {
        #expect(try Configuration.parse(text: minimal()).events == EventMappings())
        #expect(try Self.mapping("{unknown: refuse}") == .default)
    }

    @Test func aCloudEventKeepsWhatIsNotMapped() throws {
        let mapping = try Self.mapping("{prospect: /data/buyer/id, tenant: {value: main}}")
        var shape = EventShape()
        shape.places[.prospectID] = [.pointer("/data/buyer/id")]
        shape.places[.tenant] = [.constant("main")]
        #expect(mapping.shape == shape)
    }

    @Test func jsonHasNothingButWhatIsMapped() throws {
        let mapping = try Self.mapping(
            """
            {format: json, type: /kind, email: [/who/mail, {header: mail}], time: /ts, timeFormat: seconds, subject: /cart}
            """)
        #expect(mapping.shape.format == .json && mapping.shape.timeFormat == .unixSeconds)
        #expect(
            mapping.shape.places == [
                .type: [.pointer("/kind")], .email: [.pointer("/who/mail"), .header("mail")],
                .time: [.pointer("/ts")], .subject: [.pointer("/cart")], .aboutSubject: [.pointer("/cart")],
            ])
        #expect(mapping.shape.required.isEmpty)
    }

    @Test func whatEventsAreAboutMayLieElsewhereThanWhatOpensNames() throws {
        let mapping = try Self.mapping("{format: json, type: /kind, email: /mail, subject: /cart, about: /order/cart}")
        #expect(mapping.shape.places[.aboutSubject] == [.pointer("/order/cart")])
    }

    @Test func typesGoByTheNamesOfTheirServices() throws {
        let mapping = try Self.mapping("{types: {checkout.started: [CartFilled, CartOpened], policy.issued: sold}}")
        let names = Dictionary(grouping: mapping.names, by: \.type).mapValues { $0.map(\.name) }
        #expect(names[.checkoutStarted] == ["CartFilled", "CartOpened"])
        #expect(names[.policyIssued] == ["sold"])
        #expect(names[.checkoutCompleted] == ["checkout.completed"])
        #expect(names.count == EventType.allCases.count)
    }

    @Test func fieldsLieWhereTheTopicHasThem() throws {
        let fields =
            "command: {fields: {name: {from: /data/product/name, fallback: x}, url: {from: /data/url, fallback: y}}}"
        let configuration = try Self.configuration("{fields: {/data/product/name: {header: title}}}", fields: fields)
        #expect(
            configuration.events.common.places(of: ["/data/product/name", "/data/url"])
                == [[.header("title")], [.pointer("/data/url")]])
        #expect(configuration.warnings.isEmpty)
    }

    @Test func commandsMayTakeAnythingOutOfJSON() throws {
        let fields = "command: {fields: {name: {from: /items/0/title, fallback: x}}}"
        let configuration = try Self.configuration("{format: json, type: /t, email: /e}", fields: fields)
        #expect(configuration.policies[0].command.pointers == ["/items/0/title"])
    }

    @Test func eachTopicMayHaveAShapeOfItsOwn() throws {
        let configuration = try Self.configuration(
            """
            {tenant: {value: main}, types: {checkout.started: cart}, fields: {/data/a: /data/b},
             topics: {b: {prospect: /data/p, types: {policy.issued: sold}}, c: {format: json, type: /t, email: /e}}}
            """, topics: "topics: {events: [a, b, c]}")
        let (a, b, c) = (
            configuration.events.of("a"), configuration.events.of("b"), configuration.events.of("c")
        )
        #expect(a.shape.places[.tenant] == [.constant("main")])
        #expect(a.shape.places[.prospectID] == EventShape.cloudEventPlaces[.prospectID])
        #expect(b.shape.places[.tenant] == [.constant("main")] && b.shape.places[.prospectID] == [.pointer("/data/p")])
        #expect(b.typeNames == [.checkoutStarted: ["cart"], .policyIssued: ["sold"]])
        #expect(b.fields == ["/data/a": [.pointer("/data/b")]])
        // Another format begins anew.
        #expect(c.shape.places == [.type: [.pointer("/t")], .email: [.pointer("/e")]] && c.typeNames.isEmpty)
    }

    @Test func theCommonPartNeedNotBeWholeWhereNoTopicUsesIt() throws {
        let configuration = try Self.configuration(
            "{format: json, type: /t, topics: {a: {email: /e}, b: {prospect: /p}}}", topics: "topics: {events: [a, b]}")
        #expect(configuration.events.of("a").shape.places[.type] == [.pointer("/t")])
        #expect(
            mistakes(minimal("events: {format: json, type: /t, topics: {a: {email: /e}}}\ntopics: {events: [a, b]}"))
                .count == 1)
    }

    @Test func aFieldThatNoPolicyAsksForIsWarnedOf() throws {
        let warnings = try Self.configuration("{fields: {/data/nmae: /data/b}}").warnings
        #expect(warnings.map(\.message) == ["no policy's `command.fields` asks for `/data/nmae`"])
    }

    static let wrong = [
        Case(
            "a place that is none", minimal("events: {email: customer.email}"),
            "w.yaml:9:17: `customer.email` is no JSON pointer: it begins with `/`"),
        Case(
            "not in a CloudEvent", minimal("events: {email: /customer/email}"),
            "w.yaml:9:17: `/customer/email` points nowhere"),
        Case(
            "no pointer into JSON", minimal("events: {format: json, type: kind, email: /e}"),
            "w.yaml:9:30: `kind` is no JSON pointer: write it as `/customer/id` (did you mean `/kind`?)"),
        Case(
            "an empty mapping", minimal("events: {email: {}}"),
            "w.yaml:9:17: name a pointer, `{header: NAME}` or `{value: TEXT}`"),
        Case(
            "an unknown key in it", minimal("events: {email: {haeder: x}}"),
            "w.yaml:9:17: name a pointer", "w.yaml:9:18: unknown key `haeder` in `email` (did you mean `header`?)"),
        Case(
            "one address for all", minimal("events: {email: {value: a@example.com}}"),
            "w.yaml:9:17: `email` cannot be the same for all events"),
        Case(
            "a constant before others", minimal("events: {tenant: [{value: a}, /data/t]}"),
            "w.yaml:9:19: a constant is always there, so it comes last in `tenant`"),
        Case(
            "too many places", minimal("events: {email: [/data/a, /data/b, /data/c, /data/d, /data/e]}"),
            "w.yaml:9:54: `email` has 5 items: at most 4 are allowed"),
        Case(
            "a place twice", minimal("events: {email: [/data/a, /data/a]}"),
            "w.yaml:9:27: `/data/a` is listed twice"),
        Case(
            "json without type and person", minimal("events: {format: json}"),
            "w.yaml:9:9: `type` is missing", "w.yaml:9:9: `prospect` is missing"),
        Case(
            "identity by address without one",
            minimal("identity: email\nevents: {format: json, type: /t, prospect: /p}"),
            "w.yaml:10:9: `email` is missing: with `identity: email` every event must have the address"),
        Case(
            "an unknown type", minimal("events: {types: {checkout.start: x}}"),
            "w.yaml:9:18: unknown event type `checkout.start`"),
        Case(
            "a name for two types", minimal("events: {types: {checkout.started: sold, policy.issued: sold}}"),
            "w.yaml:9:17: `sold` would be both `policy.issued` and `checkout.started`"),
        Case(
            "the name of another type", minimal("events: {types: {checkout.started: policy.issued}}"),
            "w.yaml:9:17: `policy.issued` would be both `policy.issued` and `checkout.started`"),
        Case(
            "a topic that is none", minimal("topics: {events: [carts]}\nevents: {topics: {cart: {id: /data/x}}}"),
            "w.yaml:10:19: `cart` is none of `topics.events` (did you mean `carts`?)"),
        Case(
            "fields that are no pointers", minimal("events: {fields: {name: /data/x}}"),
            "w.yaml:9:19: `name` is no JSON pointer: the left side is what a policy's `command.fields` says"),
        Case(
            "an unknown time", minimal("events: {timeFormat: iso}"),
            "w.yaml:9:22: `timeFormat` must be `rfc3339` or `seconds` or `milliseconds`, not `iso`"),
        Case(
            "a partitioner that is none", minimal("topics: {partitioner: murmur3}"),
            "w.yaml:9:23: `partitioner` must be `auto` or `murmur2` or `crc32` or `any`, not `murmur3`"),
    ]

    @Test(arguments: wrong) func whatIsWrongIsSaidWithItsPlace(_ example: Case) { example.check() }
}
