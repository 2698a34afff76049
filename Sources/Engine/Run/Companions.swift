import Dispatch

/// What runs beside the worker: the sampler, the snapshot maker and the destroyer. Where nothing has a thread of its own, the worker gives
/// them a turn each time that it has polled.
final class Companions: @unchecked Sendable {
    // Unchecked, because there is one thread.
    private let sampler: Sampler
    private let snapshots: SnapshotMaker
    private let destroyer: Destroyer

    init(context: WorkerContext) {
        sampler = Sampler(context: context)
        snapshots = SnapshotMaker(context: context)
        destroyer = Destroyer(context: context)
    }

    func turn() {
        sampler.sampleIfDue()
        snapshots.makeIfDue()
        destroyer.destroyIfDue()
    }

    func close() { sampler.close() }
}

extension EngineOptions {
    /// Does several things beside each other, or one after the other where there is one thread.
    func perform(_ count: Int, _ body: (Int) -> Void) {
        if hasOneThread {
            for index in 0..<count { body(index) }
        } else {
            withoutActuallyEscaping(body) { body in
                nonisolated(unsafe) let body = body
                DispatchQueue.concurrentPerform(iterations: count) { body($0) }
            }
        }
    }
}
