import Testing

@testable import Journey

@Suite("bounds of a prospect")
struct BoundsOfAProspect {
    @Test func beyondTwoHundredAndFiftyFiveJourneysOpeningsAreIgnoredWithThatReason() {
        var story = Scenario(ExamplePolicies.lead)
        for number in 0..<ProspectState.maximumJourneys {
            story.event(.salesLeadCreated, at: 0.hours, product: "car-\(number)")
        }
        #expect(story.state.journeys.count == 255)
        story.event(.salesLeadCreated, at: 0.hours, product: "one more")
        #expect(story.ignored == [.tooManyJourneys])
        #expect(story.tick(at: 3.days).count == 255)
    }

    @Test func oneEventOfManyPoliciesDoesNotPassTheBound() {
        let policies = (0..<10).map { number in ExamplePolicies.lead.with { $0.name = "lead-\(number)" } }
        var story = Scenario(policies)
        for number in 0..<26 { story.event(.salesLeadCreated, at: 0.hours, product: "car-\(number)") }
        #expect(story.state.journeys.count == ProspectState.maximumJourneys)
    }

    @Test func beyondThirtyTwoMemoriesNoPurchaseIsForgottenEarly() {
        var story = Scenario(ExamplePolicies.lead)
        for number in 1...100 {
            story.event(.policyIssued, at: number.minutes, product: "car-\(number)")
            #expect(story.state.memories.count <= ProspectState.maximumMemories)
        }
        for number in 1...100 {
            var later = story
            later.event(.salesLeadCreated, at: number.minutes, product: "car-\(number)")
            #expect(later.ignored == [.converted])
        }
        story.event(.salesLeadCreated, at: 100.minutes, product: "another")
        #expect(story.opened == 1)
    }

    @Test func beyondThirtyTwoMemoriesTheSamePurchasesAgainChangeNothing() {
        var story = Scenario(ExamplePolicies.lead)
        for number in 1...100 { story.event(.policyIssued, at: number.minutes, product: "car-\(number)") }
        let once = story.state
        for number in 1...100 { story.event(.policyIssued, at: number.minutes, product: "car-\(number)") }
        #expect(story.state == once)
    }
}
