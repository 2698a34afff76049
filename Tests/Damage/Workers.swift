import Dispatch
import Foundation
import Synchronization

/// Divides the parts of a trial among the processors; each thread works with a context of its own.
enum Workers {
    /// - Parameters:
    ///   - tallies: what is to be counted; each thread counts into its own.
    ///   - make: the context of a thread.
    ///   - work: does one part.
    /// - Returns: the sums, with the time that all of it took in each.
    static func run<Context>(
        _ parts: Int, _ tallies: [Tally], make: @Sendable () throws -> Context,
        _ work: @Sendable (Context, Int, inout [Tally]) throws -> Void
    ) throws -> [Tally] {
        let start = DispatchTime.now().uptimeNanoseconds
        let processorStart = clock()
        let next = Atomic(0)
        let outcome = Mutex<Result<[Tally], any Error>>(.success(tallies))
        DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in
            let own = Result {
                var own = tallies
                let context = try make()
                while true {
                    let part = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard part < parts else { break }
                    try work(context, part, &own)
                }
                return own
            }
            outcome.withLock { outcome in
                outcome = outcome.flatMap { sums in
                    own.map { own in
                        zip(sums, own).map { sum, own in
                            var sum = sum
                            sum.add(own)
                            return sum
                        }
                    }
                }
            }
        }
        var sums = try outcome.withLock { try $0.get() }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        let processorSeconds = Double(clock() - processorStart) / Double(CLOCKS_PER_SEC)
        for index in sums.indices { (sums[index].seconds, sums[index].processorSeconds) = (seconds, processorSeconds) }
        return sums
    }
}
