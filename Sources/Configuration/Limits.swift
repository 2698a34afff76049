import Journey

/// The bounds of a configuration. With them a command always fits into a message, and a table into memory.
public enum Limits {
    public static let fileBytes = 1 << 20
    public static let secretFileBytes = 64 << 10
    public static let eventTopics = 16
    public static let templates = 256
    public static let policies = 64
    /// Of one policy.
    public static let steps = 32
    /// Distinct JSON pointers in all policies: the state keeps a bit for each.
    public static let pointers = 48
    /// Fields of one policy's commands, constants included.
    public static let fields = 64
    public static let tags = 16
    /// Tenants or products that a policy is for.
    public static let applies = 1024
    public static let nameBytes = 64
    public static let textBytes = 256
    /// Constants and fallbacks.
    public static let valueBytes = 1024
    public static let kafkaValueBytes = 64 << 10
    public static let kafkaProperties = 256
    public static let topicBytes = 249
    /// What the types of one topic's events are called.
    public static let typeNames = 64
    /// A tick's sample is never older than this when something is decided from it.
    public static let clockAge = Span.seconds(10)
}
