import Chaos
import Foundation
import KafkaTestSupport
import Testing

/// The promises, while everything that can be killed, stopped, cut off or filled up is.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct ChaosTests {
    @Test func nothingIsLostDoubledOrWrongWhateverIsDoneToProcessesNetworkAndDisk() async throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["WINBACK_SEED"] ?? "") ?? .random(in: 0..<1 << 32)
        print("nothingIsLostDoubledOrWrongWhateverIsDoneToProcessesNetworkAndDisk: WINBACK_SEED=\(seed)")
        let settings = ChaosSettings(cycles: Disturbance.deckSize, seed: seed) { print($0) }
        let report = try await onThreadOfItsOwn { try Chaos(settings).run() }
        print(report.text)
        #expect(report.isClean, "\(report.text)")
        #expect(report.cycles >= 25)
        #expect(report.disturbances == Set(Disturbance.allCases))
    }

    /// A run waits a lot: not on one of the few threads that tasks share.
    private func onThreadOfItsOwn<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
        }
    }
}
