/// Writes commands as structured CloudEvents, as `schemas/send-reminder.schema.json` describes them.
///
/// The bytes follow from the content alone: keys in this order, no white space, only the escapes that must be. A replay
/// that decides the same writes the same.
public final class CommandEncoder {
    public static let contentType = "application/cloudevents+json; charset=UTF-8"

    private var writer = ByteWriter(capacity: 16 * 1024)

    public init() {}

    /// The command's bytes, valid until the next call, and as long as the encoder is there.
    public func encode(_ command: ReminderCommand) -> UnsafeRawBufferPointer {
        writer.removeAll()
        writer.append(command)
        return writer.bytes
    }
}

/// On the writer itself, so that a command is one access to the encoder's variable: each is checked for exclusivity.
extension ByteWriter {
    fileprivate mutating func append(_ command: ReminderCommand) {
        append("{\"specversion\":\"1.0\",\"id\":\"")
        append(hex: command.journey.high)
        append(hex: command.journey.low)
        append("-")
        append(decimal: Int64(command.step))
        string("\",\"source\":", command.source)
        append(",\"type\":\"send-reminder\"")
        string(",\"subject\":", command.subject)
        time(",\"time\":\"", command.emitted)
        append(",\"datacontenttype\":\"application/json\"")
        optional(",\"traceparent\":", command.traceparent)
        string(",\"data\":{\"tenant\":", command.tenant)
        appendProspect(command)
        string(",\"policy\":{\"name\":", command.policyName)
        number(",\"version\":", command.policyVersion)
        append("},\"journey\":\"")
        append(hex: command.journey.high)
        append(hex: command.journey.low)
        number("\",\"step\":{\"number\":", command.step)
        number(",\"of\":", command.steps)
        string("},\"template\":", command.template)
        time(",\"dueAt\":\"", command.due)
        time(",\"emittedAt\":\"", command.emitted)
        time(",\"expiresAt\":\"", command.expires)
        optional(",\"campaign\":", command.campaign)
        list(",\"tags\":", command.tags)
        fields(",\"fields\":", command.fields)
        event(",\"openedBy\":", command.openedBy)
        append("}}")
    }

    private mutating func appendProspect(_ command: ReminderCommand) {
        if command.prospectID.count > 0 {
            string(",\"prospect\":{\"id\":", command.prospectID)
            string(",\"email\":", command.email)
        } else {
            string(",\"prospect\":{\"email\":", command.email)
        }
        append("}")
    }
}
