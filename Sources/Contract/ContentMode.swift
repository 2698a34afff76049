#if canImport(Glibc)
    import Glibc
#endif

/// How a CloudEvent lies in a Kafka message: CloudEvents Kafka Protocol Binding 1.0.2, section 3.
enum ContentMode {
    /// The value is the whole event as JSON; so it is, too, where nothing says that it is a CloudEvent.
    case structured
    /// Attributes are headers that begin with `ce_`; the value is the data.
    case binary
    /// The `content-type` header says that the value is something else than JSON.
    case unsupported
}

/// What the headers of one message say, found in one pass over them.
struct MessageHeaders {
    private(set) var mode: ContentMode = .structured
    private(set) var fault: Fault?

    enum Fault {
        /// The name of the first header that is there twice, of those that matter.
        case duplicate(UnsafeRawBufferPointer)
        case tooMany
    }

    init(_ headers: UnsafeBufferPointer<HeaderView>) {
        var contentType: UnsafeRawBufferPointer?
        var eventHeaders = 0
        for (i, header) in headers.enumerated() {
            let isContentType = header.name.equals("content-type")
            guard isContentType || header.name.hasPrefix("ce_") else { continue }
            eventHeaders += isContentType ? 0 : 1
            guard eventHeaders <= EventBounds.headerCount else {
                fault = .tooMany
                break
            }
            if fault == nil, headers[..<i].contains(where: { $0.name.equals(header.name) }) {
                fault = .duplicate(header.name)
            }
            if isContentType, contentType == nil { contentType = header.value }
        }
        mode = Self.mode(contentType: contentType, isBinary: eventHeaders > 0)
    }

    private static func mode(contentType: UnsafeRawBufferPointer?, isBinary: Bool) -> ContentMode {
        guard let mediaType = contentType.map(mediaType), mediaType.count > 0 else {
            return isBinary ? .binary : .structured
        }
        let cloudEvents: StaticString = "application/cloudevents"
        if mediaType.hasPrefix(cloudEvents) {
            let format = UnsafeRawBufferPointer(rebasing: mediaType[cloudEvents.utf8CodeUnitCount...])
            return format.count == 0 || format.equals("+json") ? .structured : .unsupported
        }
        guard isBinary else { return .structured }
        return mediaType.hasSuffix("/json") || mediaType.hasSuffix("+json") ? .binary : .unsupported
    }

    /// Without parameters and the white space around it.
    private static func mediaType(_ contentType: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let end = contentType.firstIndex(of: UInt8(ascii: ";")) ?? contentType.count
        return EmailAddress.trimmed(UnsafeRawBufferPointer(rebasing: contentType[..<end]))
    }
}

extension UnsafeRawBufferPointer {
    /// Byte for byte.
    @inlinable @inline(__always)
    public func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        count == other.count && (count == 0 || memcmp(baseAddress!, other.baseAddress!, count) == 0)
    }

    /// Without regard to the case of ASCII letters; `text` is in lower case.
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    func hasPrefix(_ text: StaticString) -> Bool {
        matches(text, at: 0)
    }

    func hasSuffix(_ text: StaticString) -> Bool {
        matches(text, at: count - text.utf8CodeUnitCount)
    }

    private func matches(_ text: StaticString, at start: Int) -> Bool {
        guard start >= 0, count - start >= text.utf8CodeUnitCount else { return false }
        for i in 0..<text.utf8CodeUnitCount {
            let byte = self[start + i]
            let lower = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
            guard lower == text.utf8Start[i] else { return false }
        }
        return true
    }
}
