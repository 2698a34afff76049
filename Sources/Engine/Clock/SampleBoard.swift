import Synchronization

/// Where the sampler leaves the newest end offsets, and a worker takes those of its shards.
final class SampleBoard: Sendable {
    private struct State {
        var samples: [Int32: EndSample] = [:]
        var isUrgent = false
        /// Why no shard may tick, until the next start.
        var stopped: EngineError?
    }

    private let state = Mutex(State())

    func publish(_ samples: [Int32: EndSample]) { state.withLock { $0.samples = samples } }

    /// Each sample is taken once.
    func take(_ partition: Int32) -> EndSample? { state.withLock { $0.samples.removeValue(forKey: partition) } }

    /// More is due than one tick decided: the next sample should not wait for its second.
    func hurry() { state.withLock { $0.isUrgent = true } }

    func takeUrgency() -> Bool {
        state.withLock { state in
            defer { state.isUrgent = false }
            return state.isUrgent
        }
    }

    func stop(_ error: EngineError) {
        state.withLock { state in
            state.samples = [:]
            state.stopped = error
        }
    }

    var stopped: EngineError? { state.withLock { $0.stopped } }
}
