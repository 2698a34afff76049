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

    private func expectUndisturbed(_ engine: EngineProcess, _ stage: Stage) throws {
        let marks = try stage.waitUntilAllBeforeNowIsDecided()
        #expect(Set(try stage.reminded()) == marks)
        #expect(!engine.log.contains("recovering"))
        try engine.stop()
    }
}
