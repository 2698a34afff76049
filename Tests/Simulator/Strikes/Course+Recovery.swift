import DiskTestSupport
import Engine
import Journal
import Kafka
import RandomTestSupport

extension Course {
    private static let recoveryAttempts = 4
    /// What a recovery takes is some hundred calls, so that power that lasts so long often fails in it.
    private static let callsOfRecovery = 400

    /// What an operator does whose engine can't know where to go on: `winback recover --accept resume`, until it succeeds.
    func recover() throws {
        for attempt in 1...Self.recoveryAttempts {
            cluster.expire()
            world.plan = FaultPlan()
            if attempt < Self.recoveryAttempts {
                world.plan = FaultPlan(seed: world.random.next(), perMillion: settings.faults)
                if settings.powerLasts != nil {
                    world.powerFailsAt =
                        world.operations + Int.random(in: 1...Self.callsOfRecovery, using: &world.random)
                }
            }
            let outcome = Result { try resume() }
            let isDead = world.isDead
            restart(disk)
            world.plan = FaultPlan()
            switch outcome {
            case .success:
                isForgotten = false
                report.recoveries += 1
                return
            case .failure where isDead: report.powerFailures += 1
            case .failure(let error as JournalError) where error.code == .inputOutput: break
            case .failure(is KafkaError): break
            case .failure(let error): return report.violations.append("a recovery does not succeed: \(error)")
            }
        }
        report.violations.append("a recovery does not succeed although nothing fails")
    }

    func makeRecovery() throws -> Recovery {
        try Recovery(
            configuration: try configuration(), broker: broker, options: options, time: WorldTime(world: world),
            fileSystem: disk, log: .silent)
    }
}
