internal import CKafka

/// A member of a consumer group, as the group's coordinator knows it.
public struct GroupMember: Sendable, Hashable {
    /// nil for a member that is not static.
    public var groupInstanceID: String?
    public var clientID: String
    public var memberID: String
    public var host: String
    public var partitions: [TopicPartition]

    public init(
        groupInstanceID: String?, clientID: String, memberID: String, host: String, partitions: [TopicPartition]
    ) {
        self.groupInstanceID = groupInstanceID
        self.clientID = clientID
        self.memberID = memberID
        self.host = host
        self.partitions = partitions
    }
}

extension ClusterReader {
    /// Who is in a group; empty where there is no such group. Throws `unsupported` on the embedded broker.
    public func groupMembers(of group: String, timeoutMilliseconds: Int32) throws(KafkaError) -> [GroupMember] {
        let doing = "asking who is in group \(group)"
        // librdkafka 2.8 may end the process over the refusal (an assertion on enqueueing its answer once).
        guard !isEmbedded else { throw KafkaError(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, doing: doing) }
        client.serve()
        let call = AdminCall(client: client, doing: doing, timeoutMilliseconds: timeoutMilliseconds)
        let members = try call.ask(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS) { options, queue in
            CStrings.with([group]) { rd_kafka_DescribeConsumerGroups(client.handle, $0, 1, options, queue) }
        } read: { event throws(KafkaError) in
            try Self.members(event, doing: doing)
        }
        client.connectionAnswered()
        return members
    }

    private static func members(_ event: OpaquePointer, doing: String) throws(KafkaError) -> [GroupMember] {
        var count = 0
        guard let result = rd_kafka_event_DescribeConsumerGroups_result(event),
            let groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count), count > 0,
            let group = groups[0]
        else { return [] }
        if let error = rd_kafka_ConsumerGroupDescription_error(group) {
            let code = rd_kafka_error_code(error)
            // Nobody has ever joined it, or everybody has left and it is forgotten.
            if code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND { return [] }
            if code != RD_KAFKA_RESP_ERR_NO_ERROR {
                throw KafkaError(code, doing: doing, reason: String(cString: rd_kafka_error_string(error)))
            }
        }
        return (0..<rd_kafka_ConsumerGroupDescription_member_count(group)).compactMap { index in
            rd_kafka_ConsumerGroupDescription_member(group, index).map(Self.member)
        }
    }

    private static func member(_ member: OpaquePointer) -> GroupMember {
        func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
        var partitions: [TopicPartition] = []
        if let assignment = rd_kafka_MemberDescription_assignment(member),
            let list = rd_kafka_MemberAssignment_partitions(assignment)
        {
            let elements = UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
            partitions = elements.map(\.topicPartition).sorted()
        }
        let instance = rd_kafka_MemberDescription_group_instance_id(member).map { String(cString: $0) }
        return GroupMember(
            groupInstanceID: instance.flatMap { $0.isEmpty ? nil : $0 },
            clientID: text(rd_kafka_MemberDescription_client_id(member)),
            memberID: text(rd_kafka_MemberDescription_consumer_id(member)),
            host: text(rd_kafka_MemberDescription_host(member)), partitions: partitions)
    }
}
