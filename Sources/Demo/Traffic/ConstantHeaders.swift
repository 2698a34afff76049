import Kafka

/// The parts of the events' headers that never change. Static strings live as long as the program.
enum ConstantHeaders {
    static var structured: [MessageHeader] {
        [MessageHeader(name: bytes("content-type"), value: bytes("application/cloudevents+json; charset=UTF-8"))]
    }
    static var json: MessageHeader { MessageHeader(name: bytes("content-type"), value: bytes("application/json")) }
    static var specVersion: MessageHeader { MessageHeader(name: bytes("ce_specversion"), value: bytes("1.0")) }
    static var id: UnsafeRawBufferPointer { bytes("ce_id") }
    static var source: UnsafeRawBufferPointer { bytes("ce_source") }
    static var type: UnsafeRawBufferPointer { bytes("ce_type") }
    static var time: UnsafeRawBufferPointer { bytes("ce_time") }
    static var subject: UnsafeRawBufferPointer { bytes("ce_subject") }

    private static func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
