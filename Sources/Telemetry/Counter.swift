import Synchronization

/// A number that any thread may change and any thread may read.
public final class Counter: Sendable {
    private let storage = Atomic<Int64>(0)

    public init() {}

    public func add(_ count: Int64 = 1) { storage.add(count, ordering: .relaxed) }
    public func set(_ value: Int64) { storage.store(value, ordering: .relaxed) }
    public var value: Int64 { storage.load(ordering: .relaxed) }
}
