/// A message's header where it lies. A value without a base address is a null value.
public struct HeaderView {
    public var name: UnsafeRawBufferPointer
    public var value: UnsafeRawBufferPointer

    @inlinable public init(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        self.name = name
        self.value = value
    }
}

/// One of the further fields of an event: a string without quotes and escapes, or other JSON as it stands there.
public struct FieldValue {
    public let bytes: UnsafeRawBufferPointer
    public let kind: JSONKind

    /// Nothing, null and the empty string are all the same: there is nothing to show.
    public var isPresent: Bool { bytes.count > 0 }
}

public enum DecodeResult {
    /// The decoder's properties are those of the event, until it decodes the next.
    case event
    case unknownType
    case refused(Refusal)
}
