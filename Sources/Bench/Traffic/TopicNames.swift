/// Where a measurement's broker is, and what its topics are called.
struct TopicNames: Sendable {
    var bootstrapServers = "127.0.0.1:1"
    /// What topics begin with.
    var prefix = "bench"
    var events: String { "\(prefix)-events" }
    var reminders: String { "\(prefix)-reminders" }
    var deadLetters: String { "\(prefix)-dead-letters" }
    /// Only of measurements that publish what happens to leads.
    var leads: String { "\(prefix)-leads" }
    var topics: [String] { [events, reminders, deadLetters] }
}
