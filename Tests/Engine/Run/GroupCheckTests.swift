import Configuration
import Foundation
import Journal
import Journey
import Kafka
import Synchronization
import Testing

@testable import Engine

@Suite("Who else is in the group") struct GroupCheckTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("winback-\(UUID().uuidString)")
        .path

    /// The group's members, one answer after the other; the last one stays.
    private final class Members: Broker, BrokerReader, Sendable {
        private let answers: Mutex<[[GroupMember]]>

        init(_ answers: [GroupMember]...) { self.answers = Mutex(answers) }
        init(_ answer: [GroupMember], times: Int, then last: [GroupMember]) {
            answers = Mutex(Array(repeating: answer, count: times) + [last])
        }

        private static let nothing = KafkaError(code: .unsupported, message: "only members are asked for")
        func makeConsumer(_ membership: GroupMembership) throws -> any BrokerConsumer { throw Self.nothing }
        func makeProducer(
            transactionalID: String, topics: [String], maximumBatchBytes: Int?
        ) throws -> any BrokerProducer {
            throw Self.nothing
        }
        func makeReader() throws -> any BrokerReader { self }
        func scan(
            _ topic: String, group: String, progress: (Int) -> Void, _ visit: (MessageBatch, Int) throws -> Void
        ) throws -> [Int32: Int64]? { throw Self.nothing }
        func endOffsets(_ partitions: [TopicPartition], timeoutMilliseconds: Int32) throws -> [TopicPartition: Int64] {
            throw Self.nothing
        }
        func beginningOffsets(
            _ partitions: [TopicPartition], timeoutMilliseconds: Int32
        ) throws -> [TopicPartition: Int64] { throw Self.nothing }
        func partitionCount(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? { 1 }
        func maximumMessageBytes(_ topic: String, timeoutMilliseconds: Int32) throws -> Int? { nil }
        func groupMembers(_ group: String, timeoutMilliseconds: Int32) throws -> [GroupMember] {
            answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        }
        func record(
            at partition: TopicPartition, offset: Int64, into batch: MessageBatch, timeoutMilliseconds: Int32
        ) throws -> Bool { false }
        func close() {}
    }

    /// Goes on by what is waited for.
    private final class WaitedTime: TimeSource {
        private let waited = Mutex<Int64>(0)
        var wall: Instant { OfflineHarness.start + Span(milliseconds: bootMilliseconds) }
        var bootMilliseconds: Int64 { waited.withLock { $0 } }
        var rate: Double { 1 }
        func pause(milliseconds: Int, unless stop: StopSignal) { waited.withLock { $0 += Int64(milliseconds) } }
    }

    private func member(_ instance: String, _ id: String) -> GroupMember {
        GroupMember(groupInstanceID: instance, clientID: "winback", memberID: id, host: "/10.0.0.7", partitions: [])
    }

    private func check(_ members: Members, _ time: WaitedTime = WaitedTime()) throws -> (GroupCheck, String) {
        var configuration = try Configuration.parse(text: OfflineHarness.memberships)
        configuration.data = path
        let directory = try DataDirectory.open(path, fileSystem: POSIXFileSystem())
        let context = WorkerContext.testing(configuration, directory, broker: members, time: time)
        return (GroupCheck(context: context), context.memberName)
    }

    private func code(_ work: () throws -> Void) -> EngineError.Code? {
        do {
            try work()
            return nil
        } catch { return (error as? EngineError)?.code }
    }

    private func ourName() throws -> String { try check(Members([])).1 }

    @Test func anotherProcessUnderOurNameIsTheSuccessorAndThisOneEnds() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (check, _) = try check(Members([member(try ourName(), "theirs")]))
        #expect(code { try check.requireNotReplaced(ownMemberID: "ours") } == .fenced)
        // Whoever never joined has a successor in any member of this name.
        #expect(code { try check.requireNotReplaced(ownMemberID: nil) } == .fenced)
    }

    /// A join whose answer was lost leaves a member behind that nobody keeps alive: this process itself.
    @Test func aMemberThatALostJoinLeftBehindIsNoSuccessor() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let name = try ourName()
        do {
            let time = WaitedTime()
            let (check, _) = try check(Members([member(name, "left")], [member(name, "left")], []), time)
            #expect(code { try check.requireNotReplaced(ownMemberID: nil) } == nil)
            #expect(time.bootMilliseconds > 0)
        }
        // A broker that has just come back counts its session anew.
        var session = 0
        do {
            let (check, _) = try check(Members([member(name, "stays")]))
            session = Int(check.context.sessionTimeout.milliseconds)
            #expect(code { try check.requireNotReplaced(ownMemberID: nil) } == .fenced)
        }
        do {
            let (check, _) = try check(Members([member(name, "left")], times: 2 * session / 500, then: []))
            #expect(code { try check.requireNotReplaced(ownMemberID: nil) } == nil)
        }
        // Who knows what it was called needs not wait.
        let time = WaitedTime()
        let (check, _) = try check(Members([member(name, "theirs")], []), time)
        #expect(code { try check.requireNotReplaced(ownMemberID: "ours") } == .fenced)
        #expect(time.bootMilliseconds == 0)
    }

    @Test func whoIsStillAMemberGoesOnAfterARecovery() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (check, _) = try check(Members([member(try ourName(), "ours"), member("other-0", "theirs")]))
        #expect(code { try check.requireNotReplaced(ownMemberID: "ours") } == nil)
    }

    @Test func whoIsReplacedBetweenTwoSessionsEndsInsteadOfJoiningAgain() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let name = try ourName()
        for (theirs, ours, expected) in [
            ("theirs", "ours", EngineError.Code.fenced), ("ours", "ours", nil), ("theirs", nil, nil),
        ] as [(String, String?, EngineError.Code?)] {
            let members = Members([member(name, theirs)])
            let (check, _) = try check(members)
            #expect(code { try check.requireAlone(members, formerMemberID: ours) } == expected)
        }
    }

    @Test func anotherInstanceThatStaysIsARefusalAfterOneSessionTimeOut() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let members = Members([member("other-0", "theirs")])
        let time = WaitedTime()
        let (check, _) = try check(members, time)
        #expect(code { try check.requireAlone(members, formerMemberID: nil) } == .otherInstance)
        #expect(time.bootMilliseconds >= check.context.sessionTimeout.milliseconds)
    }

    @Test func anotherInstanceWhoseSessionEndsIsWaitedFor() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let members = Members([member("other-0", "theirs")], [])
        let (check, _) = try check(members)
        #expect(code { try check.requireAlone(members, formerMemberID: nil) } == nil)
    }
}
