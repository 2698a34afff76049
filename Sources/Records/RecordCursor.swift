import Journal

/// Reads a body's bytes and says where they are not what a record holds.
struct RecordCursor {
    private var reader: ByteReader

    init(_ bytes: UnsafeRawBufferPointer) { reader = ByteReader(bytes) }

    var offset: Int { reader.offset }
    var isAtEnd: Bool { reader.isAtEnd }

    @inline(__always)
    mutating func byte(_ what: StaticString) throws(RecordError) -> UInt8 {
        do { return try reader.readByte() } catch { throw Self.error(error, what) }
    }

    @inline(__always)
    mutating func fixed<Value: FixedWidthInteger & BitwiseCopyable>(
        _ what: StaticString, as type: Value.Type = Value.self
    ) throws(RecordError) -> Value {
        do { return try reader.readFixed(type) } catch { throw Self.error(error, what) }
    }

    @inline(__always)
    mutating func unsigned(_ what: StaticString) throws(RecordError) -> UInt64 {
        do { return try reader.readVarint() } catch { throw Self.error(error, what) }
    }

    @inline(__always)
    mutating func signed(_ what: StaticString) throws(RecordError) -> Int64 {
        do { return try reader.readZigZag() } catch { throw Self.error(error, what) }
    }

    mutating func prefixed(_ what: StaticString) throws(RecordError) -> UnsafeRawBufferPointer {
        do { return try reader.readPrefixed() } catch { throw Self.error(error, what) }
    }

    /// A value of which only some bytes are known.
    @inline(__always)
    mutating func value<Value: RawRepresentable>(
        _ what: StaticString, as type: Value.Type = Value.self
    ) throws(RecordError) -> Value where Value.RawValue == UInt8 {
        guard let value = Value(rawValue: try byte(what)) else { throw unknown(what) }
        return value
    }

    /// The byte just read is none that this version knows.
    func unknown(_ what: StaticString) -> RecordError { RecordError(.unknownValue, offset: offset - 1, what) }

    @inline(never)
    private static func error(_ error: MalformedBytes, _ what: StaticString) -> RecordError {
        let code: RecordError.Code =
            switch error.code {
            case .overlongNumber: .overlongNumber
            case .overrun, .invalidText: .truncated
            }
        return RecordError(code, offset: error.offset, what)
    }
}
