/// The settings that the command line and the environment may set besides the file.
enum SettingKeys {
    static let topics = ["events", "reminders", "deadLetters", "leads", "key", "partitioner"]
    static let conversion = ["skew"]
    static let clock = ["lateness", "maxAge", "maxGap", "interval"]
    static let commit = ["interval"]
    static let snapshots = ["every"]
    static let events = ["unknown"]
    static let disk = ["warnFree", "stopFree"]
    static let single = ["data", "group", "instance", "identity"]
    /// What only the file can hold.
    static let fileOnly = ["templates", "policies"]

    /// Every key at the top of the file.
    static let top =
        ["kafka", "topics", "conversion", "clock", "commit", "snapshots", "events", "disk"] + single + fileOnly

    /// Dotted, without `kafka.…`, whose keys are librdkafka's.
    static let all: [String] =
        single
        + [
            ("topics", topics), ("conversion", conversion), ("clock", clock), ("commit", commit),
            ("snapshots", snapshots), ("events", events), ("disk", disk),
        ].flatMap { section, keys in keys.map { "\(section).\($0)" } }

    static let environmentPrefix = "WINBACK_"

    /// `topics.deadLetters` is `WINBACK_TOPICS_DEAD_LETTERS`.
    static func environmentName(_ key: String) -> String {
        var name = environmentPrefix
        for character in key {
            if character == "." {
                name += "_"
            } else if character.isUppercase {
                name += "_\(character)"
            } else {
                name += character.uppercased()
            }
        }
        return name
    }
}
