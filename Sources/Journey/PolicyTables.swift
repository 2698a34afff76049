/// The content of a `PolicySet`: rules as flat plain values, so that a decision touches no reference.
struct PolicyTables: Sendable {
    /// Every version, by `PolicyIndex`.
    private(set) var versions: [PolicyVersion] = []
    /// The settings of the newest activation.
    private(set) var settings = DecisionSettings()

    /// The same versions, flat.
    private(set) var rules: ContiguousArray<Rules> = []
    private(set) var steps: ContiguousArray<StepRule> = []
    private(set) var superseded: ContiguousArray<UInt16> = []
    private(set) var tenants: ContiguousArray<ScopeKey> = []
    private(set) var products: ContiguousArray<ScopeKey> = []
    /// The versions that openings are decided under.
    private(set) var acting: ContiguousArray<PolicyIndex> = []
    /// The versions that the newest activation names, those included that are not enabled.
    private(set) var named: ContiguousArray<PolicyIndex> = []
    /// Types that open under an acting version, and types that convert under any version.
    private(set) var openingTypes: EventTypeSet = []
    private(set) var convertingTypes: EventTypeSet = []
    private(set) var activityTypes: EventTypeSet = []
    /// For how long a conversion is remembered: the longest path of steps, holds and lateness of any version.
    private(set) var memory: Span = .zero
    /// The earliest time from which any acting version opens.
    private(set) var actsFrom: Instant = .distantFuture
    var interventions = Interventions()

    /// Activates a configuration: unchanged policies keep their version, changed and new ones get one.
    ///
    /// - Parameters:
    ///   - at: the wall time of the activation, the same in every shard.   - keys: turns names into the keyed hashes
    /// that inputs carry, and field pointers into the shard's field numbers.
    mutating func activate(
        _ policies: [Policy], _ settings: DecisionSettings, at time: Instant, keys: some PolicyKeys
    ) {
        self.settings = settings
        acting.removeAll()
        named.removeAll()
        openingTypes = []
        actsFrom = .distantFuture
        for policy in policies {
            let index = index(of: policy, at: time, keys: keys)
            named.append(index)
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
                steps: TableRange(firstStep..<steps.count),
                superseded: TableRange(firstSuperseded..<superseded.count),
                tenants: TableRange(firstTenant..<tenants.count),
                products: TableRange(firstProduct..<products.count)))
        convertingTypes.formUnion(policy.convertsOn)
        activityTypes.formUnion(policy.activityTypes)
        memory = max(memory, policy.longestPath)
    }
}
