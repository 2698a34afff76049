internal import CKafka
import Foundation

/// A header's name and value, where they lie. A nil value is a null one.
public struct MessageHeader {
    public var name: UnsafeRawBufferPointer
    public var value: UnsafeRawBufferPointer?

    public init(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
        self.name = name
        self.value = value
    }
}

extension MessageHeader {
    /// Appends librdkafka's headers, which stay where they are.
    static func append(_ list: OpaquePointer, to headers: inout [MessageHeader]) {
        var position = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(list, position, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            if let name {
                headers.append(
                    MessageHeader(
                        name: UnsafeRawBufferPointer(start: name, count: strlen(name)),
                        value: value.map { UnsafeRawBufferPointer(start: $0, count: size) }))
            }
            position += 1
        }
    }
}
