/// Every policy version that a shard has activated, and which of them act now: what `decide` and `evolve` look rules up
/// in.
///
/// A value whose copies share their tables: handing one to a decision costs a single reference.
public struct PolicySet: Sendable {
    private final class Box: Sendable {
        let tables: PolicyTables
        init(_ tables: PolicyTables) { self.tables = tables }
    }

    private var box = Box(PolicyTables())

    public init() {}

    /// Activates a configuration: unchanged policies keep their version, changed and new ones get one.
    ///
    /// - Parameters:
    ///   - time: the wall time of the activation, the same in every shard.
    ///   - keys: turns names into the keyed hashes that inputs carry, and field pointers into the shard's numbers of them.
    public mutating func activate(
        _ policies: [Policy], _ settings: DecisionSettings, at time: Instant, keys: some PolicyKeys
    ) {
        var tables = box.tables
        tables.activate(policies, settings, at: time, keys: keys)
        box = Box(tables)
    }

    /// Takes note of what an operator decided.
    public mutating func intervene(_ intervention: Intervention, at time: Instant) {
        change { $0.interventions.add(intervention, at: time) }
    }

    /// Takes note of a command that was found when the journal was rebuilt.
    public mutating func note(_ reminder: FoundReminder) { change { $0.interventions.add(reminder) } }

    /// Changes the tables where they are: given back first, they have one owner.
    private mutating func change(_ body: (inout PolicyTables) -> Void) {
        var tables = box.tables
        box = Self.nothing
        body(&tables)
        box = Box(tables)
    }

    private static let nothing = Box(PolicyTables())

    /// Every version, by `PolicyIndex`.
    public var versions: [PolicyVersion] { box.tables.versions }
    /// The settings of the newest activation.
    public var settings: DecisionSettings { box.tables.settings }
    /// For how long a conversion is remembered: the longest path of steps, holds and lateness of any version.
    public var memory: Span { box.tables.memory }

    var steps: ContiguousArray<StepRule> { box.tables.steps }
    var superseded: ContiguousArray<UInt16> { box.tables.superseded }
    var tenants: ContiguousArray<ScopeKey> { box.tables.tenants }
    var products: ContiguousArray<ScopeKey> { box.tables.products }
    var acting: ContiguousArray<PolicyIndex> { box.tables.acting }
    /// The versions that the newest activation names, in the configuration's order; those included that are not enabled.
    public var named: ContiguousArray<PolicyIndex> { box.tables.named }
    var openingTypes: EventTypeSet { box.tables.openingTypes }
    var convertingTypes: EventTypeSet { box.tables.convertingTypes }
    var activityTypes: EventTypeSet { box.tables.activityTypes }
    var actsFrom: Instant { box.tables.actsFrom }
    var interventions: Interventions { box.tables.interventions }
    /// Whether events may come that an earlier journal had decided, so that `decideBacklog` has something to say of them:
    /// until the clock has come to where the journal was rebuilt.
    public func readsAgain(at clock: Instant) -> Bool { clock < box.tables.interventions.rebuiltAt }

    public subscript(index: PolicyIndex) -> PolicyVersion { box.tables.versions[Int(index.rawValue)] }

    func rules(_ index: PolicyIndex) -> Rules { box.tables.rules[Int(index.rawValue)] }

    /// The version of this policy that the newest activation names; `nil` if it names none.
    func newestVersion(of nameKey: UInt16) -> PolicyIndex? { named.first { rules($0).nameKey == nameKey } }

    /// Whether an event of this type may open, end or touch a journey, or concerns the person.
    func concerns(_ type: EventType) -> Bool {
        openingTypes.contains(type) || convertingTypes.contains(type) || activityTypes.contains(type)
            || type == .leadCancelled
    }

    /// Types of which a decision may keep details: an event of any other type ends something, or concerns the person.
    public var detailedTypes: EventTypeSet { openingTypes.union(activityTypes) }

    /// Whether a decision on the event may open a journey, and so needs the seed of its id.
    public func mayOpen(_ input: Input, _ state: ProspectState) -> Bool {
        !openingTypes.isDisjoint(
            with: types(opening: input.type, firstAddress: state.contact.isNone && input.address == .usable))
    }

    /// What the event counts as when it is asked whether it opens a journey.
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

/// A part of a flat array, in half of a range's bytes: rules are copied for each decision.
struct TableRange: Sendable {
    private let first: UInt32
    private let number: UInt32

    init(_ range: Range<Int>) {
        first = UInt32(range.lowerBound)
        number = UInt32(range.count)
    }

    var lowerBound: Int { Int(first) }
    var count: Int { Int(number) }
    var isEmpty: Bool { number == 0 }
    var indices: Range<Int> { lowerBound..<lowerBound + count }
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
    var steps: TableRange
    var superseded: TableRange
    var tenants: TableRange
    var products: TableRange

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
