import Journey

/// What writer and reader both remember from record to record of a frame, so that a record holds only differences.
struct RecordContext: ~Copyable {
    /// `topics.events` holds fewer topics than this.
    static let topics = 256
    static let scopePlaces: UInt64 = 64

    var time: Int64 = 0
    var clock: Int64 = 0
    var position: UInt64 = 0
    var topic: UInt8 = 0
    var journey: UInt64 = 0
    var details = Details.none
    /// The last offset of each topic; -1 at first.
    private let offsets: UnsafeMutablePointer<Int64>
    private let scopes: UnsafeMutablePointer<UInt64>

    init() {
        offsets = .allocate(capacity: Self.topics)
        offsets.initialize(repeating: -1, count: Self.topics)
        scopes = .allocate(capacity: Int(Self.scopePlaces))
        scopes.initialize(repeating: 0, count: Int(Self.scopePlaces))
    }

    deinit {
        offsets.deallocate()
        scopes.deallocate()
    }

    mutating func begin(position: UInt64, clock: Instant) {
        time = 0
        self.clock = clock.milliseconds
        self.position = position
        topic = 0
        journey = 0
        details = .none
        offsets.update(repeating: -1, count: Self.topics)
        scopes.update(repeating: 0, count: Int(Self.scopePlaces))
    }

    @inline(__always)
    func nextOffset(_ topic: UInt8) -> Int64 { offsets[Int(topic)] &+ 1 }

    @inline(__always)
    func setOffset(_ topic: UInt8, _ offset: Int64) { offsets[Int(topic)] = offset }

    @inline(__always)
    static func place(_ scope: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: scope & (scopePlaces - 1)) }

    @inline(__always)
    func scope(at place: UInt8) -> UInt64 { scopes[Int(UInt64(place) & (Self.scopePlaces - 1))] }

    @inline(__always)
    func remember(_ scope: UInt64) { scopes[Int(Self.place(scope))] = scope }

    /// How a scope is to be written.
    @inline(__always)
    func selector(_ scope: ScopeKey) -> UInt8 {
        if scope == .none { return RecordLayout.Selector.none }
        let isKnown = self.scope(at: Self.place(scope.rawValue)) == scope.rawValue
        return isKnown ? RecordLayout.Selector.known : RecordLayout.Selector.own
    }
}
