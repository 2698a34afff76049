import Demo
import Engine
import Foundation
import Journey
import Kafka
import Terminal

/// Publishes generated traffic, at the pace of its own times.
struct TrafficPublisher {
    /// How long a sleep is at most, so that an interruption is seen.
    private static let sleepSeconds = 0.05
    /// How many messages are sent between two looks at the clock.
    private static let stride = 256

    let settings: TrafficSettings
    /// Whether events wait for their time; else they go as fast as the broker takes them.
    let isPaced: Bool
    let topic: String
    let producer: PlainProducer
    let progress: ProgressBar

    func publish(unless isInterrupted: () -> Bool) throws {
        var generator = TrafficGenerator(settings)
        let time = SystemTime()
        while generator.advance() {
            if isPaced {
                while generator.time > time.wall, !isInterrupted() {
                    producer.serve()
                    let left = Double((generator.time - time.wall).milliseconds) / 1000
                    Thread.sleep(forTimeInterval: min(max(left, 0), Self.sleepSeconds))
                }
            }
            if isPaced || generator.count % Self.stride == 0, isInterrupted() { return }
            try producer.send(
                topic: topic, key: generator.key, value: generator.value, headers: generator.headers)
            progress.advance()
        }
    }
}
