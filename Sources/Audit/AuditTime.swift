import Contract
import Journey
import Terminal

/// A point in time in an answer: ISO 8601 in UTC for programs, `2026-07-01 09:30:00` for people.
public struct AuditTime: Codable, Sendable, Equatable {
    public var instant: Instant

    public init(_ instant: Instant) { self.instant = instant }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let instant = Instant(iso: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(text) is no time"))
        }
        self.instant = instant
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(instant.iso)
    }
}

extension Instant {
    /// For programs; the ends of time have no text.
    var iso: String { TimeText.utc(milliseconds, .milliseconds) }

    /// For people, who are told once that all times are UTC.
    var readable: String { TimeText.readable(milliseconds) }

    init?(iso text: String) {
        var text = text
        guard let milliseconds = text.withUTF8({ Timestamp.parse(UnsafeRawBufferPointer($0)) }) else { return nil }
        self.init(milliseconds: milliseconds)
    }
}
