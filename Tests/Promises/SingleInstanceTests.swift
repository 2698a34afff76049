import Foundation
import KafkaTestSupport
import Testing

/// One writer for a data directory, one instance for a group.
@Suite(.enabled(if: RealBroker.isAvailable, "KAFKA_HOME is not set"))
struct SingleInstanceTests {
    @Test func aSecondProcessOnOneDataDirectoryIsRefused() async throws {
        try await Stage.play { stage in
            let first = try stage.run()
            try stage.expectRefusal(code: 75, [stage.data.path, "is in use"])
            try expectUndisturbed(first, stage)
        }
    }

    @Test func aSecondInstanceOfAGroupIsRefusedAfterOneSessionTimeOut() async throws {
        try await Stage.play(Stage.Settings(sessionMilliseconds: 3000)) { stage in
            let first = try stage.run()
            let other = stage.folder.appendingPathComponent("other-data")
            let seconds = try elapsed {
                try stage.expectRefusal(code: 75, [stage.group, "One instance owns all partitions"], data: other)
            }
            #expect(seconds > 3)
            // Long before librdkafka's own 45 s would have passed.
            #expect(seconds < 30)
            try expectUndisturbed(first, stage)
        }
    }

    @Test func anotherInstanceTakesOverOnceTheFirstOnesSessionHasEnded() async throws {
        try await Stage.play(Stage.Settings(sessionMilliseconds: 3000)) { stage in
            let first = try stage.run()
            first.kill()
            // The same data directory under another name: a static member stays in the group until its session ends.
            let second = try stage.start(["--set", "instance=renamed"])
            try second.waitUntilItSays("another instance is a member of the group")
            try second.waitUntilRunning()
            try second.stop()
        }
    }

    /// It wakes up to connections that are dead, so it does not hear that it was replaced, and would join again.
    @Test func aProcessThatSleptWhileAnotherTookOverLeavesThatOneAlone() async throws {
        let (broker, proxy) = try RealBroker.behindProxy()
        defer {
            proxy.close()
            broker.remove()
        }
        try await Stage.play(Stage.Settings(sessionMilliseconds: 3000), broker: broker) { stage in
            let through = ["--set", "kafka.bootstrap.servers=127.0.0.1:\(proxy.port)"]
            let sleeper = try stage.start(through)
            try sleeper.waitUntilRunning()
            try stage.publish((0..<10).map { .opening("early-\($0)") })
            _ = try stage.reminded(count: 10)
            sleeper.send(SIGSTOP)
            let copy = stage.folder.appendingPathComponent("copy")
            try ExternalProgram.run(
                "cp", ["-a", stage.data.path, copy.path], input: URL(fileURLWithPath: "/dev/null"))
            let successor = try stage.start(data: copy)
            try successor.waitUntilRunning()
            try stage.publish((0..<10).map { .opening("later-\($0)") })
            _ = try stage.reminded(count: 20)
            proxy.cutAll()
            sleeper.send(SIGCONT)
            #expect(try sleeper.exitCode(within: 40) == 75, "\(sleeper.log.suffix(2000))")
            #expect(sleeper.log.contains("has taken over"), "\(sleeper.log.suffix(2000))")
            let marks = try stage.waitUntilAllBeforeNowIsDecided()
            #expect(!successor.log.contains("recovering"), "\(successor.log.suffix(2000))")
            try successor.stop()
            let people = (0..<10).flatMap { ["early-\($0)", "later-\($0)"] }
            #expect(try stage.reminded().filter { !marks.contains($0) }.sorted() == people.sorted())
        }
    }

    private func expectUndisturbed(_ engine: EngineProcess, _ stage: Stage) throws {
        let marks = try stage.waitUntilAllBeforeNowIsDecided()
        #expect(Set(try stage.reminded()) == marks)
        #expect(!engine.log.contains("recovering"))
        try engine.stop()
    }
}
