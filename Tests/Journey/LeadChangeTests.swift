import RandomTestSupport
import Testing

@testable import Journey

@Suite("What happens to a lead")
struct LeadChangeTests {
    struct Story: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var policies: [Policy] = [ExamplePolicies.checkout]
        var play: @Sendable (inout Scenario) -> Void
        /// What the last event or tick meant.
        var then: [String]
    }

    private static func start(_ scenario: inout Scenario) { scenario.event(.checkoutStarted, at: 0.hours) }

    static let stories: [Story] = [
        Story(
            testDescription: "an opening creates", play: { $0.event(.checkoutStarted, at: 0.hours) }, then: ["created"]),
        Story(
            testDescription: "the same again is nothing",
            play: {
                start(&$0)
                $0.event(.checkoutStarted, at: 0.hours)
            }, then: []),
        Story(
            testDescription: "activity alone is nothing",
            play: {
                start(&$0)
                $0.event(.checkoutUpdated, at: 1.hours)
            }, then: []),
        Story(
            testDescription: "other details refresh",
            play: {
                start(&$0)
                $0.event(.checkoutUpdated, at: 1.hours, fields: [ExamplePolicies.firstName])
            }, then: ["refreshed"]),
        Story(
            testDescription: "a second opening inside the window refreshes once",
            play: {
                start(&$0)
                $0.event(.checkoutStarted, at: 1.hours, email: .of("new@example.com"))
            }, then: ["refreshed"]),
        Story(
            testDescription: "consent refreshes",
            play: {
                start(&$0)
                $0.event(.checkoutUpdated, at: 1.hours, consent: .withheld)
            }, then: ["refreshed"]),
        Story(
            testDescription: "the same consent again is nothing",
            play: {
                $0.event(.checkoutStarted, at: 0.hours, consent: .given)
                $0.event(.checkoutUpdated, at: 1.hours, consent: .given)
            }, then: []),
        Story(
            testDescription: "a new address refreshes the person's other leads",
            policies: ExamplePolicies.kasko,
            play: {
                $0.event(.salesLeadCreated, at: 0.hours, product: "pet")
                $0.event(.salesLeadCreated, at: 1.hours, product: "bike", email: .of("new@example.com"))
            }, then: ["created", "refreshed"]),
        Story(
            testDescription: "a purchase converts before any step",
            play: {
                start(&$0)
                $0.event(.checkoutCompleted, at: 1.hours)
            }, then: ["converted after 0"]),
        Story(
            testDescription: "a purchase converts after a step",
            play: {
                start(&$0)
                $0.tick(at: 1.hours)
                $0.event(.checkoutCompleted, at: 2.hours)
            }, then: ["converted after 1"]),
        Story(
            testDescription: "a purchase without a lead is nothing",
            play: { $0.event(.checkoutCompleted, at: 1.hours) }, then: []),
        Story(
            testDescription: "an offer supersedes the lead before it is created itself",
            policies: ExamplePolicies.kasko,
            play: {
                $0.event(.salesLeadCreated, at: 0.hours, product: "pet")
                $0.event(.offerCreated, at: 1.hours, product: "pet", subject: "o-1")
            }, then: ["superseded", "created"]),
        Story(
            testDescription: "a superseded lead is not refreshed",
            policies: ExamplePolicies.kasko,
            play: {
                $0.event(.salesLeadCreated, at: 0.hours, product: "pet")
                $0.event(.offerCreated, at: 1.hours, product: "pet", subject: "o-1")
                $0.event(.checkoutUpdated, at: 2.hours, product: "pet", fields: [ExamplePolicies.firstName])
            }, then: ["refreshed"]),
        Story(
            testDescription: "a purchase converts a superseded lead as well",
            policies: ExamplePolicies.kasko,
            play: {
                $0.event(.salesLeadCreated, at: 0.hours, product: "pet")
                $0.event(.offerCreated, at: 1.hours, product: "pet", subject: "o-1")
                $0.event(.policyIssued, at: 2.hours)
            }, then: ["converted after 0", "converted after 0"]),
        Story(
            testDescription: "a cancellation",
            play: {
                start(&$0)
                $0.event(.leadCancelled, at: 1.hours)
            }, then: ["cancelled"]),
        Story(
            testDescription: "an opt-out ends all leads",
            policies: ExamplePolicies.kasko,
            play: {
                $0.event(.salesLeadCreated, at: 0.hours, product: "pet")
                $0.event(.salesLeadCreated, at: 0.hours, product: "bike")
                $0.event(.contactOptedOut, at: 1.hours)
            }, then: ["optedOut", "optedOut"]),
        Story(
            testDescription: "an opt-out after the purchase is nothing",
            play: {
                start(&$0)
                $0.event(.checkoutCompleted, at: 1.hours)
                $0.event(.contactOptedOut, at: 2.hours)
            }, then: []),
        Story(
            testDescription: "retention expires",
            play: {
                start(&$0)
                $0.tick(at: 1.hours)
                $0.tick(at: 90.days)
            }, then: ["expired"]),
        Story(
            testDescription: "retention of a buyer is nothing",
            play: {
                start(&$0)
                $0.event(.checkoutCompleted, at: 1.hours)
                $0.tick(at: 90.days)
            }, then: []),
        Story(
            testDescription: "an erasure also concerns who has bought",
            play: {
                start(&$0)
                $0.event(.checkoutCompleted, at: 1.hours)
                $0.event(.contactErasureRequested, at: 2.hours)
            }, then: ["erased"]),
        Story(
            testDescription: "a second erasure is nothing",
            play: {
                start(&$0)
                $0.event(.contactErasureRequested, at: 1.hours)
                $0.event(.contactErasureRequested, at: 2.hours)
            }, then: []),
        Story(
            testDescription: "an erasure after the expiry is nothing: the data is gone",
            play: {
                start(&$0)
                $0.tick(at: 90.days)
                $0.event(.contactErasureRequested, at: 90.days)
            }, then: []),
    ]

    @Test(arguments: stories)
    func eachFactGivesWhatAConnectorNeeds(story: Story) {
        var scenario = Scenario(story.policies)
        story.play(&scenario)
        #expect(scenario.lastLeadChanges.map(Self.text) == story.then)
    }

    private static func text(_ change: LeadChange) -> String {
        switch change.kind {
        case .converted(let step): "converted after \(step)"
        case .superseded: "superseded"
        case .moved: "moved"
        case .created, .refreshed, .cancelled, .optedOut, .expired, .erased: "\(change.kind)"
        }
    }

    @Test func aLeadIsCreatedOnceAndEndsOnceWhateverHappens() {
        var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
        let types: [EventType] = [
            .checkoutStarted, .checkoutUpdated, .checkoutCompleted, .salesLeadCreated, .offerCreated, .policyIssued,
            .leadCancelled, .contactOptedOut, .contactOptedIn, .contactErasureRequested, .paymentPending,
            .paymentFailed,
        ]
        for _ in 0..<200 {
            let seed = random.next()
            var random = SeededGenerator(seed: seed)
            var scenario = Scenario(ExamplePolicies.kasko + [ExamplePolicies.checkout])
            var time = Span.zero
            for _ in 0..<60 {
                time += .minutes(Int64.random(in: 0...3000, using: &random))
                if Bool.random(using: &random) {
                    scenario.tick(at: time)
                } else {
                    scenario.event(
                        types.randomElement(using: &random)!, at: time,
                        product: ["pet", "bike", nil].randomElement(using: &random)!,
                        subject: ["o-1", "o-2", nil].randomElement(using: &random)!)
                }
            }
            scenario.tick(at: time + 91.days)
            for (journey, changes) in Dictionary(grouping: scenario.leadChanges, by: \.journey) {
                let kinds = changes.map(\.kind)
                let ends = kinds.filter { $0.isEnd }
                #expect(kinds.first == .created && kinds.count { $0 == .created } == 1, "seed \(seed), \(journey)")
                #expect(kinds.count { if case .superseded = $0 { true } else { false } } <= 1, "seed \(seed)")
                #expect(kinds.count { $0 == .erased } <= 1, "seed \(seed), \(kinds)")
                #expect(ends.count == 1 || (ends.isEmpty && kinds.last == .erased), "seed \(seed), \(kinds)")
                if let end = kinds.firstIndex(where: \.isEnd) {
                    #expect(kinds[(end + 1)...].allSatisfy { $0 == .erased }, "seed \(seed), \(kinds)")
                }
            }
        }
    }
}

extension LeadChange.Kind {
    fileprivate var isEnd: Bool {
        switch self {
        case .converted, .cancelled, .optedOut, .expired: true
        case .created, .refreshed, .moved, .superseded, .erased: false
        }
    }
}
