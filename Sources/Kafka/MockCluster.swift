internal import CKafka

/// librdkafka's embedded broker: for demonstrations and fast tests, never for data that matters.
///
/// It keeps 5 MiB a partition, makes every topic that anyone asks for, and accepts transactions without giving them
/// effect. It has no CreateTopics, DescribeConfigs or DescribeGroups: `TopicAdmin` and `ClusterReader.groupMembers`
/// throw `unsupported` where they are made with its `settings`. It runs on threads of its own; its functions may be
/// called from any thread.
public final class MockCluster: @unchecked Sendable {
    private let client: RDKafkaClient
    private let cluster: OpaquePointer

    public init(brokers: Int32 = 1) throws(KafkaError) {
        client = try RDKafkaClient(consumer: false, properties: [], doing: "starting the embedded broker")
        guard let cluster = rd_kafka_mock_cluster_new(client.handle, brokers) else {
            throw KafkaError(code: .configuration, isFatal: true, message: "the embedded broker could not be started")
        }
        self.cluster = cluster
    }

    deinit {
        // The cluster logs through the client's handle: it goes first.
        rd_kafka_mock_cluster_destroy(cluster)
        client.destroy()
    }

    public var bootstrapServers: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

    /// Settings that lead here, and say so.
    public var settings: KafkaSettings {
        KafkaSettings(properties: [("bootstrap.servers", bootstrapServers)], isEmbedded: true)
    }

    /// Makes a topic. One that exists already throws `topicExists`.
    public func createTopic(_ name: String, partitions: Int32) throws(KafkaError) {
        let code = rd_kafka_mock_topic_create(cluster, name, partitions, 1)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(code, doing: "creating topic \(name) in the embedded broker")
        }
    }

    /// Closes a broker's connections and refuses new ones, or takes it back.
    public func setBroker(_ id: Int32, isUp: Bool) {
        _ = isUp ? rd_kafka_mock_broker_set_up(cluster, id) : rd_kafka_mock_broker_set_down(cluster, id)
    }
}
