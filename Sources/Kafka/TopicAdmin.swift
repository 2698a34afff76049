internal import CKafka

/// A topic to be made.
public struct TopicSpec: Sendable, Equatable {
    public var name: String
    public var partitions: Int32
    /// -1 leaves it to the broker's default.
    public var replicationFactor: Int32
    public var configs: [String: String]

    public init(name: String, partitions: Int32, replicationFactor: Int32 = -1, configs: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configs = configs
    }
}

/// A topic as it is.
public struct TopicDescription: Sendable, Equatable {
    public var name: String
    public var partitions: Int32
    public var replicationFactor: Int32
    /// Every setting with its effective value.
    public var configs: [String: String]

    public init(name: String, partitions: Int32, replicationFactor: Int32, configs: [String: String]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configs = configs
    }
}

/// Makes, describes and deletes topics. Its calls wait for the broker's answer; one thread uses it at a time.
public final class TopicAdmin: @unchecked Sendable {
    private let client: RDKafkaClient
    private let isEmbedded: Bool
    private var isClosed = false

    public init(settings: KafkaSettings) throws(KafkaError) {
        isEmbedded = settings.isEmbedded
        client = try RDKafkaClient(
            consumer: false,
            properties: settings.resolved(
                for: .producer, defaults: [], promises: [("allow.auto.create.topics", "false")]),
            doing: "making the topics' administration")
    }

    deinit { close() }

    public func close() {
        guard !isClosed else { return }
        isClosed = true
        client.destroy()
    }

    /// Makes topics and waits until the broker tells of them, so that nobody else need. Throws at the first that was
    /// refused (`topicExists`, for one); the others may have been made.
    public func create(_ topics: [TopicSpec], timeoutMilliseconds: Int32) throws(KafkaError) {
        guard !topics.isEmpty else { return }
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for topic in topics {
            let (request, complaint) = CText.read {
                rd_kafka_NewTopic_new(topic.name, topic.partitions, topic.replicationFactor, $0, $1)
            }
            guard let request else {
                throw KafkaError(code: .configuration, message: "creating topic \(topic.name): \(complaint)")
            }
            requests.append(request)
            for (key, value) in topic.configs.sorted(by: { $0.key < $1.key }) {
                let code = rd_kafka_NewTopic_set_config(request, key, value)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    throw KafkaError(code, doing: "creating topic \(topic.name) with \(key)=\(value)")
                }
            }
        }
        let names = topics.map(\.name).joined(separator: ", ")
        try call("creating \(names)", timeoutMilliseconds).ask(RD_KAFKA_ADMIN_OP_CREATETOPICS) { options, queue in
            // Without it the broker answers before every broker knows the topics.
            _ = CText.read { rd_kafka_AdminOptions_set_operation_timeout(options, timeoutMilliseconds, $0, $1) }
            rd_kafka_CreateTopics(client.handle, &requests, requests.count, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            let result = rd_kafka_event_CreateTopics_result(event)
            try Self.check(rd_kafka_CreateTopics_result_topics(result, &count), count, "creating topic")
        }
        for topic in topics { try waitFor(topic, timeoutMilliseconds) }
    }

    /// Waits until the broker tells of the topic what it was asked to make: it accepts a topic before it knows it, and
    /// who subscribes in between is told that there is none.
    private func waitFor(_ topic: TopicSpec, _ timeoutMilliseconds: Int32) throws(KafkaError) {
        let step: Int32 = 20
        var waited: Int32 = 0
        while true {
            do {
                let made = try Metadata.partitions(
                    of: topic.name, client: client, timeoutMilliseconds: timeoutMilliseconds)
                if topic.partitions < 0 || made.count == topic.partitions { return }
            } catch  where error.code == .topicMissing || error.code == .brokerUnavailable {
                guard waited < timeoutMilliseconds else { throw error }
            }
            guard waited < timeoutMilliseconds else {
                throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, doing: "waiting for the new topic \(topic.name)")
            }
            client.serve(timeoutMilliseconds: step)
            waited += step
        }
    }

    /// Deletes topics with all that they hold.
    public func delete(_ names: [String], timeoutMilliseconds: Int32) throws(KafkaError) {
        guard !names.isEmpty else { return }
        var requests: [OpaquePointer?] = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { for request in requests { rd_kafka_DeleteTopic_destroy(request) } }
        let doing = "deleting \(names.joined(separator: ", "))"
        try call(doing, timeoutMilliseconds).ask(RD_KAFKA_ADMIN_OP_DELETETOPICS) { options, queue in
            _ = CText.read { rd_kafka_AdminOptions_set_operation_timeout(options, timeoutMilliseconds, $0, $1) }
            rd_kafka_DeleteTopics(client.handle, &requests, requests.count, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            let result = rd_kafka_event_DeleteTopics_result(event)
            try Self.check(rd_kafka_DeleteTopics_result_topics(result, &count), count, "deleting topic")
        }
    }

    /// A topic's partitions and settings. Throws `topicMissing` where there is none.
    public func describe(_ name: String, timeoutMilliseconds: Int32) throws(KafkaError) -> TopicDescription {
        let (partitions, replicas) = try Metadata.partitions(
            of: name, client: client, timeoutMilliseconds: timeoutMilliseconds)
        var resource: OpaquePointer? = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
        defer { rd_kafka_ConfigResource_destroy(resource) }
        let doing = "asking for the settings of topic \(name)"
        let configs = try call(doing, timeoutMilliseconds).ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) { options, queue in
            rd_kafka_DescribeConfigs(client.handle, &resource, 1, options, queue)
        } read: { event throws(KafkaError) in
            try Self.configs(event, doing: doing)
        }
        return TopicDescription(name: name, partitions: partitions, replicationFactor: replicas, configs: configs)
    }

    private func call(_ doing: String, _ timeoutMilliseconds: Int32) throws(KafkaError) -> AdminCall {
        // librdkafka would look for the embedded broker's controller until the time is over.
        guard !isEmbedded else { throw KafkaError(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, doing: doing) }
        client.serve()
        return AdminCall(client: client, doing: doing, timeoutMilliseconds: timeoutMilliseconds)
    }

    private static func check(
        _ topics: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ doing: String
    ) throws(KafkaError) {
        guard let topics else { return }
        for index in 0..<count {
            guard let topic = topics[index] else { continue }
            let code = rd_kafka_topic_result_error(topic)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let name = String(cString: rd_kafka_topic_result_name(topic))
            let reason = rd_kafka_topic_result_error_string(topic).map { String(cString: $0) }
            throw KafkaError(code, doing: "\(doing) \(name)", reason: reason)
        }
    }

    private static func configs(_ event: OpaquePointer, doing: String) throws(KafkaError) -> [String: String] {
        var count = 0
        guard
            let resources = rd_kafka_DescribeConfigs_result_resources(
                rd_kafka_event_DescribeConfigs_result(event), &count), count > 0, let resource = resources[0]
        else { return [:] }
        let code = rd_kafka_ConfigResource_error(resource)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, doing: doing) }
        var entryCount = 0
        guard let entries = rd_kafka_ConfigResource_configs(resource, &entryCount) else { return [:] }
        var result: [String: String] = [:]
        for index in 0..<entryCount {
            guard let entry = entries[index], let name = rd_kafka_ConfigEntry_name(entry) else { continue }
            result[String(cString: name)] = rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) } ?? ""
        }
        return result
    }
}
