import Contract
import Kafka

/// A message's headers as decoders take them, in storage that is used again for the next message.
struct MessageHeaderViews {
    private var headers: [MessageHeader] = []
    private(set) var views: ContiguousArray<HeaderView> = []

    /// They lie where the batch has them.
    mutating func read(_ batch: MessageBatch, _ index: Int) {
        removeAll()
        batch.headers(index, into: &headers)
        for header in headers {
            views.append(
                HeaderView(
                    name: header.name, value: header.value ?? UnsafeRawBufferPointer(start: nil, count: 0)))
        }
    }

    mutating func removeAll() { views.removeAll(keepingCapacity: true) }
}
