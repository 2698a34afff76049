import Foundation
import KafkaTestSupport

/// What is done to processes.
extension Chaos {
    private static let tryLater: Int32 = 75

    /// In the midst of work, and every other time a second time in the midst of the start.
    func killAtRandom() throws {
        wait(0...1.2)
        try stage.killAndRestart()
        guard Bool.random(using: &random) else { return }
        wait(0...0.8)
        try stage.killAndRestart()
    }

    /// Kills it when a certain request is on its way to the broker, or its answer from there; neither arrives.
    func kill(at moments: [Set<Int>], _ direction: KafkaProxy.Direction) throws {
        let apis = moments[Int.random(in: moments.indices, using: &random)]
        wait(0...0.5)
        let pid = stage.engine.process.processIdentifier
        stage.proxy.trap(apis, direction) { Foundation.kill(pid, SIGKILL) }
        defer { stage.proxy.removeTrap() }
        // A commit comes a few times a second while there is load and the broker answers.
        _ = try eventually("a request of \(apis)", within: Self.patienceSeconds) { stage.proxy.hasSprung ? true : nil }
        try stage.killAndRestart()
    }

    /// Stopped for longer than its session while a successor works on a copy of its data, it must not do anything any more
    /// once it goes on, but end.
    func wakeZombie() throws {
        wait(0...0.5)
        let zombie = stage.engine!
        zombie.send(SIGSTOP)
        let stopped = Date()
        let copy = try stage.copyData()
        let successor = try stage.start(data: copy)
        defer { zombie.kill() }
        try successor.waitUntilRunning()
        wait(0...1)
        Thread.sleep(forTimeInterval: max(0, ChaosStage.sessionSeconds + 1 + stopped.timeIntervalSinceNow))
        zombie.send(SIGCONT)
        let code = try zombie.exitCode(within: 45)
        try require(
            code == Self.tryLater && zombie.log.contains("has taken over"),
            "the one that was stopped ended with \(code):\n\(zombie.log.suffix(2000))")
        try stage.replace(by: successor, on: copy)
    }

    func killBroker() throws {
        wait(0...0.5)
        try stage.broker.kill()
        wait(0...1.5)
        try stage.broker.restart()
    }

    /// On the same data directory, and on one of its own.
    func startSecondInstance() throws {
        func recoveries() -> Int { stage.engine.log.components(separatedBy: #""message":"recovering""#).count }
        let before = recoveries()
        try expectRefusal(stage.data, "is in use")
        let other = stage.folder.appendingPathComponent("other-data")
        defer { try? FileManager.default.removeItem(at: other) }
        try expectRefusal(other, "One instance owns all partitions")
        try require(
            recoveries() == before && stage.engine.isRunning,
            "the first one was disturbed:\n\(stage.engine.log.suffix(2000))")
    }

    private func expectRefusal(_ data: URL, _ words: String) throws {
        let second = try stage.start(data: data)
        defer { second.kill() }
        let code = try second.exitCode()
        try require(
            code == Self.tryLater && second.log.contains(words),
            "the second one ended with \(code):\n\(second.log.suffix(2000))")
    }
}
