import Foundation

extension TopicAdmin {
    private static let pauseSeconds = 0.05

    /// Waits until the broker that answers knows topics that were just made: the controller says that they are made before
    /// each broker has heard of it. Throws `topicMissing` when the time is over.
    public func waitUntilKnown(_ names: [String], timeoutMilliseconds: Int32) throws(KafkaError) {
        let deadline = ContinuousClock.now + .milliseconds(Int(timeoutMilliseconds))
        for name in names {
            while true {
                do {
                    _ = try describe(name, timeoutMilliseconds: timeoutMilliseconds)
                    break
                } catch {
                    guard error.code == .topicMissing, ContinuousClock.now < deadline else { throw error }
                    Thread.sleep(forTimeInterval: Self.pauseSeconds)
                }
            }
        }
    }
}
