import Kafka

/// Asks the broker for the topics of a plan.
enum ExistingTopics {
    private static let timeoutMilliseconds: Int32 = 10_000

    /// By name; a topic that is missing has no entry.
    static func read(_ plan: TopicPlan, _ admin: TopicAdmin) throws(KafkaError) -> [String: TopicDescription] {
        var result: [String: TopicDescription] = [:]
        for (name, _) in plan.roles {
            do {
                result[name] = try admin.describe(name, timeoutMilliseconds: timeoutMilliseconds)
            } catch {
                guard error.code == .topicMissing else { throw error }
            }
        }
        return result
    }
}
