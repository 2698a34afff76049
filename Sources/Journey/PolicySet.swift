/// Every policy version that a shard has activated, and which of them act now: what `decide` and `evolve` look rules up
/// in.
///
/// Rules are kept as flat plain values, so that a decision touches no reference.
public struct PolicySet: Sendable {
    /// Every version, by `PolicyIndex`.
    public private(set) var versions: [PolicyVersion] = []
    /// The settings of the newest activation.
    public private(set) var settings = DecisionSettings()

    /// The same versions, flat.
    private(set) var rules: ContiguousArray<Rules> = []
    private(set) var steps: ContiguousArray<StepRule> = []
    private(set) var superseded: ContiguousArray<UInt16> = []
    private(set) var tenants: ContiguousArray<ScopeKey> = []
    private(set) var products: ContiguousArray<ScopeKey> = []
    /// The versions that openings are decided under.
    private(set) var acting: ContiguousArray<PolicyIndex> = []
    /// Types that open under an acting version, and types that convert under any version.
    private(set) var openingTypes: EventTypeSet = []
    private(set) var convertingTypes: EventTypeSet = []
    private(set) var activityTypes: EventTypeSet = []
    /// For how long a conversion is remembered: the longest path of steps, holds and lateness of any version.
    public private(set) var memory: Span = .zero
    /// The earliest time from which any acting version opens.
    private(set) var actsFrom: Instant = .distantFuture

    public init() {}

    /// Activates a configuration: unchanged policies keep their version, changed and new ones get one.
    ///
    /// - Parameters:
    ///   - at: the wall time of the activation, the same in every shard.   - keys: turns names into the keyed hashes
    /// that inputs carry, and field pointers into the shard's field numbers.
    public mutating func activate(
        _ policies: [Policy], _ settings: DecisionSettings, at time: Instant, keys: some PolicyKeys
    ) {
        self.settings = settings
        acting.removeAll()
        openingTypes = []
        actsFrom = .distantFuture
        for policy in policies {
            let index = index(of: policy, at: time, keys: keys)
            guard policy.enabled else { continue }
            acting.append(index)
            openingTypes.formUnion(policy.opensOn)
            actsFrom = min(actsFrom, rules[Int(index.rawValue)].actsFrom)
        }
    }

    private mutating func index(of policy: Policy, at time: Instant, keys: some PolicyKeys) -> PolicyIndex {
        let previous = versions.last { $0.policy.name == policy.name }
        if let previous, previous.policy == policy { return previous.index }
        let index = PolicyIndex(rawValue: UInt16(versions.count))
        let version = PolicyVersion(
            policy: policy, index: index, number: (previous?.number ?? 0) + 1, activatedAt: time,
            firstActivatedAt: previous?.firstActivatedAt ?? time)
        versions.append(version)
        append(rulesOf: version, keys: keys)
        return index
    }

    private mutating func append(rulesOf version: PolicyVersion, keys: some PolicyKeys) {
        let policy = version.policy
        let firstStep = steps.count
        for step in policy.steps {
            steps.append(
                StepRule(after: step.after, countsFromPrevious: step.from == .previous, maxLateness: step.maxLateness))
        }
        let firstSuperseded = superseded.count
        for name in policy.supersedes { superseded.append(keys.nameKey(name)) }
        let firstTenant = tenants.count
        for tenant in policy.tenants { tenants.append(keys.tenantKey(tenant)) }
        let firstProduct = products.count
        for product in policy.products { products.append(keys.productKey(product)) }
        var required: UInt64 = 0
        for field in policy.command.fields {
            if case .pointer(let pointer, fallback: nil) = field.source { required |= 1 << keys.fieldNumber(pointer) }
        }
        rules.append(
            Rules(
                identity: keys.identity(ofPolicy: policy.name), nameKey: keys.nameKey(policy.name),
                opensOn: policy.opensOn, convertsOn: policy.convertsOn, activityTypes: policy.activityTypes,
                scope: policy.scope, anchor: policy.anchor, reentryWindow: policy.reentryWindow,
                holdMaximum: policy.holdMaximum, retention: policy.retention, consentRequired: policy.consentRequired,
                actsFrom: version.firstActivatedAt - policy.backfill, requiredFields: required,
                steps: firstStep..<steps.count, superseded: firstSuperseded..<superseded.count,
                tenants: firstTenant..<tenants.count, products: firstProduct..<products.count))
        convertingTypes.formUnion(policy.convertsOn)
        activityTypes.formUnion(policy.activityTypes)
        memory = max(memory, policy.longestPath)
    }

    public subscript(index: PolicyIndex) -> PolicyVersion { versions[Int(index.rawValue)] }

    func rules(_ index: PolicyIndex) -> Rules { rules[Int(index.rawValue)] }

    /// Whether an event of this type may open, end or touch a journey, or concerns the person.
    func concerns(_ type: EventType) -> Bool {
        openingTypes.contains(type) || convertingTypes.contains(type) || activityTypes.contains(type)
            || type == .leadCancelled
    }

    /// Whether a decision on the event may open a journey, and so needs the seed of its id.
    func types(opening type: EventType, firstAddress: Bool) -> EventTypeSet {
        // An address that first comes with an update opens what the start would have opened.
        type == .checkoutUpdated && firstAddress
            ? EventTypeSet([.checkoutUpdated, .checkoutStarted]) : EventTypeSet(type)
    }
}

/// One policy as it was activated.
public struct PolicyVersion: Sendable {
    public let policy: Policy
    public let index: PolicyIndex
    /// 1 for the first version of this name.
    public let number: Int
    public let activatedAt: Instant
    /// When the first version of this name was activated: the policy acts on openings from then on.
    public let firstActivatedAt: Instant
}

/// What decisions read besides policies.
public struct DecisionSettings: Hashable, Sendable {
    /// By how much the clocks of upstream services may differ.
    public var conversionSkew: Span = .minutes(10)
    public init(conversionSkew: Span = .minutes(10)) { self.conversionSkew = conversionSkew }
}

/// How names become the numbers that inputs and states carry.
public protocol PolicyKeys {
    /// 128 bits of the policy's name, the policy's part of every journey id.
    func identity(ofPolicy name: String) -> JourneyID
    /// A small number that stands for the policy's name within this shard; given on first use.
    func nameKey(_ name: String) -> UInt16
    func tenantKey(_ tenant: String) -> ScopeKey
    func productKey(_ product: String) -> ScopeKey
    /// 0..<64, given to the pointer on first use by this shard.
    func fieldNumber(_ pointer: String) -> UInt64
}

struct StepRule: Sendable {
    var after: Span
    var countsFromPrevious: Bool
    var maxLateness: Span
}

/// A policy version as plain numbers.
struct Rules: Sendable {
    var identity: JourneyID
    var nameKey: UInt16
    var opensOn: EventTypeSet
    var convertsOn: EventTypeSet
    var activityTypes: EventTypeSet
    var scope: Policy.Scope
    var anchor: Policy.Anchor
    var reentryWindow: Span?
    var holdMaximum: Span
    var retention: Span
    var consentRequired: Bool
    var actsFrom: Instant
    var requiredFields: UInt64
    /// Ranges in the set's flat arrays.
    var steps: Range<Int>
    var superseded: Range<Int>
    var tenants: Range<Int>
    var products: Range<Int>

    /// What a journey opened by this input is about.
    func scopeKey(_ input: Input) -> ScopeKey {
        switch scope {
        case .prospect: .none
        case .product: input.product
        case .subject: input.subject
        }
    }

    /// Whether the event is about this journey; an event that names nothing is about all.
    func covers(_ journey: JourneyState, product: ScopeKey, subject: ScopeKey) -> Bool {
        switch scope {
        case .prospect: true
        case .product: product.covers(journey.scope)
        case .subject: subject.covers(journey.scope)
        }
    }

    /// Whether what is remembered is about the journey that this input would open.
    func covers(_ memory: Memory, _ opening: Input) -> Bool {
        switch scope {
        case .prospect: true
        case .product: memory.product.covers(opening.product)
        case .subject: memory.subject.covers(opening.subject)
        }
    }
}
