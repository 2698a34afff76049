/// A difference between a topic as it is and as it should be.
struct TopicFinding: Equatable {
    enum Weight: String {
        /// The engine refuses to start, or a promise can't be kept.
        case change = "must change"
        case advice
    }

    var topic: String
    var setting: String
    var actual: String
    var wanted: String
    var weight: Weight
    var why: String
}
