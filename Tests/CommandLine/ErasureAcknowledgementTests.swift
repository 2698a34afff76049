import Kafka
import Testing

@testable import winback

/// What of a committed offset says that an erasure is done.
@Suite struct ErasureAcknowledgementTests {
    private static let hash = String(repeating: "ab", count: 32)

    private func isDone(_ offset: Int64, committed: Int64?, _ metadata: String?) -> Bool {
        Erasure.isDestroyed(offset)(
            CommittedOffset(partition: TopicPartition("events", 0), offset: committed, metadata: metadata))
    }

    @Test func itIsFoldedAndNothingOfItIsLeft() {
        let text = "winback/1 9000 \(Self.hash)"
        #expect(isDone(5, committed: 6, text))
        #expect(!isDone(5, committed: 5, text))
        #expect(!isDone(5, committed: nil, nil))
        // Of an older one it is not done before that one is: both may be about one person.
        #expect(!isDone(5, committed: 9, text + " erasing=5"))
        #expect(!isDone(5, committed: 9, text + " erasing=3"))
        #expect(isDone(5, committed: 9, text + " erasing=6"))
        #expect(!isDone(5, committed: 9, "somebody else's"))
    }
}
