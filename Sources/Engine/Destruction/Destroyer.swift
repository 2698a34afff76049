import Telemetry

/// Destroys what erasures and the end of retention ask for, beside the workers, which journal it when it is done.
///
/// It runs on a thread of its own, and works for one shard at a time. Its passes read the journals' files: none is made for an
/// event, and nobody waits for one.
final class Destroyer: Sendable {
    private let context: WorkerContext
    private static let waitMilliseconds = 100
    /// Between two segments of a pass that no erasure waits for, so many times as long as the segment took.
    private static let restFactor: Int64 = 3

    init(context: WorkerContext) { self.context = context }

    func run() {
        while !context.stop.isRequested {
            if !destroyIfDue() { context.time.pause(milliseconds: Self.waitMilliseconds, unless: context.stop) }
        }
    }

    /// - Returns: whether there was anything to do.
    @discardableResult
    func destroyIfDue() -> Bool {
        let board = context.destructions
        guard
            let order = board.takeOrder(at: context.time.bootMilliseconds, limit: DestructionPass.batchLimit)
        else { return false }
        let isUrgent = order.destructions.contains { !$0.value.erasures.isEmpty }
        let pass = DestructionPass(
            directory: context.directory, stop: context.stop, rest: isUrgent ? {} : rest(since: order))
        do {
            board.finish(order, try pass.destroy(order.destructions, of: order.partition, upTo: order.end))
        } catch let failure as DestructionFailure {
            board.fail(order, failure, at: context.time.bootMilliseconds)
            context.log.error(
                "personal data could not be destroyed; it is tried again",
                ["partition": .number(order.partition), "why": .text(failure.message)],
                limit: .once(per: .seconds(600)), key: "\(order.partition)")
        } catch {
            // Asked to stop: the next start does it.
            board.put(back: order)
        }
        return true
    }

    private func rest(since order: DestructionBoard.Order) -> () -> Void {
        if context.options.hasOneThread { return {} }
        var last = context.time.bootMilliseconds
        return { [context] in
            let took = context.time.bootMilliseconds - last
            context.time.pause(milliseconds: Int(took * Self.restFactor), unless: context.stop)
            last = context.time.bootMilliseconds
        }
    }
}
