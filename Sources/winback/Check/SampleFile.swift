import Configuration
import Engine
import Foundation
import Kafka

/// Reads a file with one message on each line: the message's value, or what `kcat -J` prints of a message, which has its key
/// and headers, too.
struct SampleFile {
    let path: String
    /// The place in `topics.events` of the topic that values are taken to be from.
    let topic: Int
    let topics: [String]

    /// - Parameter count: more lines than these are not read.
    func read(count: Int) throws -> Sample {
        let batch = MessageBatch(capacity: count)
        var places: [String] = []
        var keyed = 0
        var reader = try LineReader.open(path)
        let name = path == "-" ? "standard input" : path
        while places.count < count, let line = try reader.next() {
            guard !line.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) else { continue }
            if let message = KcatMessage(line) {
                message.append(to: batch, topic: topics.firstIndex(of: message.topic) ?? topic)
                keyed += 1
            } else {
                _ = batch.append(
                    topicIndex: topic, partition: 0, offset: Int64(places.count),
                    timestampMilliseconds: SystemTime().wall.milliseconds, key: nil, value: line)
            }
            places.append("\(name):\(reader.lineNumber)")
        }
        guard !places.isEmpty else { throw CommandError(.noInput, "\(name) has no line with a message") }
        guard keyed == 0 || keyed == places.count else {
            throw CommandError(.data, "\(name) has both events and what `kcat -J` prints: use one of them")
        }
        return Sample(batch: batch, places: places, knowsKeys: keyed > 0, partitionCount: nil)
    }
}

/// A line that `kcat -C -J` prints: a message with its place, headers as a flat list of names and values, key and payload.
private struct KcatMessage {
    let topic: String
    private let partition: Int32
    private let offset: Int64
    private let timestamp: Int64
    private let key: String?
    private let payload: String?
    private let headers: [String?]

    /// `nil` if the line is something else.
    init?(_ line: UnsafeRawBufferPointer) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
            let topic = object["topic"] as? String, let partition = object["partition"] as? Int32,
            let offset = object["offset"] as? Int64, object.keys.contains("payload"), object.keys.contains("key")
        else { return nil }
        self.topic = topic
        self.partition = partition
        self.offset = offset
        timestamp = object["ts"] as? Int64 ?? -1
        key = object["key"] as? String
        payload = object["payload"] as? String
        headers = (object["headers"] as? [Any] ?? []).map { $0 as? String }
    }

    func append(to batch: MessageBatch, topic: Int) {
        let texts = headers.map { $0.map { Array($0.utf8) } }
        let flat = texts.flatMap { $0 ?? [] }
        flat.withUnsafeBytes { flat in
            var end = 0
            let parts = texts.map { text -> UnsafeRawBufferPointer? in
                guard let text else { return nil }
                defer { end += text.count }
                return UnsafeRawBufferPointer(rebasing: flat[end..<end + text.count])
            }
            let pairs = stride(from: 0, to: parts.count - 1, by: 2).compactMap { at in
                parts[at].map { MessageHeader(name: $0, value: parts[at + 1]) }
            }
            Self.with(key) { key in
                Self.with(payload) { payload in
                    _ = batch.append(
                        topicIndex: topic, partition: partition, offset: offset, timestampMilliseconds: timestamp,
                        key: key, value: payload, headers: pairs)
                }
            }
        }
    }

    private static func with(_ text: String?, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard var text else { return body(nil) }
        text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
