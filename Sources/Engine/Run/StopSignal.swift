import Synchronization

/// A request to stop, made once, seen by every thread of an engine.
public final class StopSignal: Sendable {
    private let requested = Atomic<Bool>(false)
    public init() {}
    public func request() { requested.store(true, ordering: .releasing) }
    public var isRequested: Bool { requested.load(ordering: .acquiring) }
}
