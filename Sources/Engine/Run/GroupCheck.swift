import Journey
import Kafka
import Telemetry

/// Asks the group who else is a member: one instance owns all partitions, and a process that was taken for dead must not
/// fence its successor.
struct GroupCheck {
    let context: WorkerContext

    private static let askMilliseconds = 500

    /// Waits one session time-out for another instance's member to vanish (a static member stays when it closes), then
    /// refuses.
    ///
    /// - Parameter formerMemberID: what the group knew this process by when it last joined. Whatever ended that session, by
    ///   now another process may bear the same name: joining again would fence it.
    func requireAlone(_ reader: any BrokerReader, formerMemberID: String?) throws {
        if context.options.isAlone { return }
        let deadline = context.time.bootMilliseconds + context.sessionTimeout.milliseconds
        while true {
            guard let members = try members(reader) else { throw SessionEnd.stopped }
            if let formerMemberID, let successor = successor(among: members, ownMemberID: formerMemberID) {
                throw replaced(by: successor)
            }
            guard let other = members.first(where: { $0.groupInstanceID != context.memberName }) else { return }
            if context.time.bootMilliseconds > deadline { throw refusal(other) }
            context.log.warning(
                "another instance is a member of the group; waiting whether its session ends",
                ["member": .text(other.groupInstanceID ?? other.memberID), "host": .text(other.host)],
                limit: .once(per: .seconds(10)))
            context.time.pause(milliseconds: Self.askMilliseconds, unless: context.stop)
        }
    }

    /// A broker that restarts counts the session of a member that it knew anew, and first ends the rebalance that its join
    /// began.
    private static let sessionsOfALostJoin: Int64 = 3

    /// After this process was fenced or lost its partitions: if another member bears its name, that one is the successor,
    /// and anything this process did now could only fence it.
    ///
    /// - Parameter ownMemberID: what the group knew this process by; `nil` where the answer to its last join was lost, so that
    ///   the other member may be this process itself, as the group has it. Nobody keeps that one alive: it is waited for
    ///   whether its session ends, with what a broker that restarts adds to it.
    func requireNotReplaced(ownMemberID: String?) throws {
        if context.options.isAlone { return }
        let reader = try context.broker.makeReader()
        defer { reader.close() }
        let patience = ownMemberID == nil ? Self.sessionsOfALostJoin * context.sessionTimeout.milliseconds : 0
        let deadline = context.time.bootMilliseconds + patience
        while let members = try members(reader), let successor = successor(among: members, ownMemberID: ownMemberID) {
            guard context.time.bootMilliseconds < deadline else { throw replaced(by: successor) }
            context.log.warning(
                "another member bears this one's name; waiting whether its session ends",
                ["member": .text(context.memberName)], limit: .once(per: .seconds(10)))
            context.time.pause(milliseconds: Self.askMilliseconds, unless: context.stop)
        }
    }

    private func successor(among members: [GroupMember], ownMemberID: String?) -> GroupMember? {
        members.first { $0.groupInstanceID == context.memberName && $0.memberID != ownMemberID }
    }

    private func replaced(by successor: GroupMember) -> EngineError {
        EngineError(
            .fenced,
            """
            Another process (\(successor.host)) has taken over as \(context.memberName) in group \
            \(context.configuration.group). This one ends, so that it does not fence its successor; what it had not \
            committed is folded by the other.
            """)
    }

    /// Asks for as long as the broker is away: an outage ends the session of a member that nobody has replaced, too. `nil`
    /// once a stop is asked for.
    private func members(_ reader: any BrokerReader) throws -> [GroupMember]? {
        while !context.stop.isRequested {
            do {
                // First something that librdkafka 2.0.2 survives without a broker: asking for a group's members again and
                // again while its coordinator is away ended in an abort of its main thread.
                _ = try reader.partitionCount(
                    context.topics[0], timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
                return try reader.groupMembers(
                    context.configuration.group, timeoutMilliseconds: Int32(WorkerLimits.callMilliseconds))
            } catch let error as KafkaError
                where error.isRetriable || error.code == .brokerUnavailable || error.code == .timedOut
            {
                context.log.warning(
                    "no broker answers; trying on, nothing is lost", ["why": .text(error.message)])
                context.time.pause(milliseconds: WorkerLimits.backoffMilliseconds, unless: context.stop)
            }
        }
        return nil
    }

    private func refusal(_ other: GroupMember) -> EngineError {
        EngineError(
            .otherInstance,
            """
            \(other.groupInstanceID ?? other.memberID) on \(other.host) is a member of group \
            \(context.configuration.group). One instance owns all partitions: stop the other one, or give this one another \
            `group` and data directory.
            """)
    }
}
