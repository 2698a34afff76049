import Synchronization
import Terminal

/// Shows how far each topic has been looked through, one after the other.
final class LookUpProgress: Sendable {
    private let current = Mutex<(topic: String, bar: ProgressBar)?>(nil)

    func update(_ topic: String, _ messages: Int) {
        current.withLock { current in
            if let shown = current, shown.topic != topic {
                shown.bar.finish()
                current = nil
            }
            let bar = current?.bar ?? ProgressBar("looking through \(topic)", total: nil, unit: "messages")
            current = (topic, bar)
            bar.update(to: Int64(messages))
        }
    }

    func finish() {
        current.withLock { current in
            current?.bar.finish()
            current = nil
        }
    }
}
