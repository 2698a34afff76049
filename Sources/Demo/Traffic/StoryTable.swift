import Journey

/// The stories with the weights that a mix gives them, laid out to be drawn from.
struct StoryTable {
    /// Stories have at most so many steps, so that a step's number fits its place in the agenda.
    static let maximumSteps = 255

    struct Step {
        var type: EventType
        var after: ClosedRange<Int64>
        /// The opening event whose lead, offer or cart the step is about: its own type for an opening.
        var subject: EventType
    }

    private(set) var stories: [Story]
    /// By story.
    private(set) var steps: [[Step]] = []
    /// By product: the cumulated weights of its stories in 32-bit fixed point, and which stories they are.
    private var shares: [[(upTo: UInt32, story: Int)]] = [[], []]
    /// How many events a visit has on average.
    private(set) var eventsPerVisit = 0.0
    let insuranceUpTo: UInt32

    init(_ mix: TrafficMix) {
        stories = Story.all
        let further = min(max(mix.furtherUpdates, 0), Self.maximumSteps / 2)
        for index in stories.indices where stories[index].product == .membership {
            let update = Story.Step(type: .checkoutUpdated, after: 10_000...120_000)
            stories[index].steps.insert(contentsOf: Array(repeating: update, count: further), at: 1)
        }
        steps = stories.map(Self.steps)
        let insurance = min(max(mix.insurance, 0), 1)
        insuranceUpTo = Self.fixedPoint(insurance)
        for (product, share) in [(Story.Product.insurance, insurance), (.membership, 1 - insurance)] {
            addShares(product, share, mix)
        }
    }

    private mutating func addShares(_ product: Story.Product, _ share: Double, _ mix: TrafficMix) {
        let members = stories.indices.filter { stories[$0].product == product }
        let buys = min(max(mix.buys, 0), 1)
        let quits = min(max(mix.quits, 0), 1 - buys)
        var cumulated = 0.0
        for index in members {
            let story = stories[index]
            let together = members.filter { stories[$0].end == story.end }.reduce(0) { $0 + stories[$1].weight }
            let ofEnd =
                switch story.end {
                case .buys: buys
                case .quits: quits
                case .leaves: 1 - buys - quits
                }
            let part = ofEnd * story.weight / together
            cumulated += part
            shares[product.rawValue].append((Self.fixedPoint(cumulated), index))
            eventsPerVisit += share * part * Double(story.steps.count)
        }
    }

    private static func steps(of story: Story) -> [Step] {
        precondition(story.steps.count <= maximumSteps, "a step's number fits its place in the agenda")
        var subject = story.steps[0].type
        return story.steps.map { step in
            if openings.contains(step.type) { subject = step.type }
            return Step(type: step.type, after: step.after, subject: subject)
        }
    }

    private static let openings = EventTypeSet([.salesLeadCreated, .offerCreated, .checkoutStarted])

    func story(of product: Story.Product, draw: UInt32) -> Int {
        let shares = shares[product.rawValue]
        for share in shares where draw < share.upTo { return share.story }
        // Rounding may leave a sliver above the last sum.
        return shares[shares.count - 1].story
    }

    private static func fixedPoint(_ share: Double) -> UInt32 { UInt32(min(max(share, 0), 1) * Double(UInt32.max)) }
}
