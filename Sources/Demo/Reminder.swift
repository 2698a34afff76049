import Contract
import Foundation

/// What the demo shows of a `send-reminder` command, read as a mail worker would.
struct Reminder: Sendable, Equatable {
    var id: String
    /// The prospect's id.
    var prospect: String
    var name: String
    var product: String
    var policy: String
    var template: String
    var step: Int
    var steps: Int
    /// Milliseconds since 1970, as all times here.
    var openedAt: Int64
    var dueAt: Int64
    var emittedAt: Int64

    private struct Message: Decodable {
        struct Data: Decodable {
            struct Prospect: Decodable { var id: String? }
            struct Policy: Decodable { var name: String }
            struct Step: Decodable { var number, of: Int }
            struct Fields: Decodable { var firstName, lastName, productName: String? }
            struct Opening: Decodable { var time: String }
            var prospect: Prospect
            var policy: Policy
            var step: Step
            var template, dueAt, emittedAt: String
            var fields: Fields
            var openedBy: Opening
        }
        var id: String
        var data: Data
    }

    init(_ json: UnsafeRawBufferPointer) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let message = try decoder.decode(Message.self, from: Data(json))
        let data = message.data
        id = message.id
        prospect = data.prospect.id ?? ""
        name = [data.fields.firstName, data.fields.lastName].compactMap { $0 }.joined(separator: " ")
        product = data.fields.productName ?? ""
        policy = data.policy.name
        template = data.template
        step = data.step.number
        steps = data.step.of
        openedAt = Self.milliseconds(data.openedBy.time)
        dueAt = Self.milliseconds(data.dueAt)
        emittedAt = Self.milliseconds(data.emittedAt)
    }

    private static func milliseconds(_ text: String) -> Int64 {
        Array(text.utf8).withUnsafeBytes { Timestamp.parse($0) } ?? 0
    }
}
