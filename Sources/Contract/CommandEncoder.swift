/// Writes commands as structured CloudEvents, as `schemas/send-reminder.schema.json` describes them.
///
/// The bytes follow from the content alone: keys in this order, no white space, only the escapes that must be. A replay
/// that decides the same writes the same.
public final class CommandEncoder {
    public static let contentType = "application/cloudevents+json; charset=UTF-8"
    /// 32 digits, a hyphen, and a number below 1000.
    public static let maximumIDCount = 36

    private var writer = ByteWriter(capacity: 16 * 1024)

    public init() {}

    /// The command's bytes, valid until the next call.
    public func encode(_ command: ReminderCommand) -> UnsafeRawBufferPointer {
        writer.removeAll()
        writer.append("{\"specversion\":\"1.0\",\"id\":\"")
        writer.append(hex: command.journey.high)
        writer.append(hex: command.journey.low)
        writer.append("-")
        writer.append(decimal: Int64(command.step))
        string("\",\"source\":", command.source)
        writer.append(",\"type\":\"send-reminder\"")
        string(",\"subject\":", command.subject)
        time(",\"time\":\"", command.emitted)
        writer.append(",\"datacontenttype\":\"application/json\"")
        optional(",\"traceparent\":", command.traceparent)
        string(",\"data\":{\"tenant\":", command.tenant)
        appendProspect(command)
        string(",\"policy\":{\"name\":", command.policyName)
        number(",\"version\":", command.policyVersion)
        writer.append("},\"journey\":\"")
        writer.append(hex: command.journey.high)
        writer.append(hex: command.journey.low)
        number("\",\"step\":{\"number\":", command.step)
        number(",\"of\":", command.steps)
        string("},\"template\":", command.template)
        time(",\"dueAt\":\"", command.due)
        time(",\"emittedAt\":\"", command.emitted)
        time(",\"expiresAt\":\"", command.expires)
        optional(",\"campaign\":", command.campaign)
        appendTags(command.tags)
        appendFields(command.fields)
        appendOpening(command.openedBy)
        writer.append("}}")
        return writer.bytes
    }

    private func appendProspect(_ command: ReminderCommand) {
        if command.prospectID.count > 0 {
            string(",\"prospect\":{\"id\":", command.prospectID)
            string(",\"email\":", command.email)
        } else {
            string(",\"prospect\":{\"email\":", command.email)
        }
        writer.append("}")
    }

    private func appendTags(_ tags: UnsafeBufferPointer<ReminderCommand.Text>) {
        writer.append(",\"tags\":[")
        for i in tags.indices {
            if i > 0 { writer.append(",") }
            writer.append(jsonString: tags[i])
        }
        writer.append("]")
    }

    private func appendFields(_ fields: UnsafeBufferPointer<ReminderCommand.Field>) {
        writer.append(",\"fields\":{")
        for i in fields.indices {
            if i > 0 { writer.append(",") }
            writer.append(jsonString: fields[i].name)
            writer.append(":")
            switch fields[i].value {
            case .string(let text): writer.append(jsonString: text)
            case .json(let json): writer.append(json)
            }
        }
        writer.append("}")
    }

    private func appendOpening(_ opening: ReminderCommand.Opening) {
        string(",\"openedBy\":{\"type\":", opening.type)
        optional(",\"source\":", opening.source)
        optional(",\"id\":", opening.id)
        time(",\"time\":\"", opening.time)
        writer.append("}")
    }

    private func string(_ key: StaticString, _ text: ReminderCommand.Text) {
        writer.append(key)
        writer.append(jsonString: text)
    }

    private func optional(_ key: StaticString, _ text: ReminderCommand.Text) {
        if text.count > 0 { string(key, text) }
    }

    private func number(_ key: StaticString, _ value: Int) {
        writer.append(key)
        writer.append(decimal: Int64(value))
    }

    /// The key brings the opening quote.
    private func time(_ key: StaticString, _ milliseconds: Int64) {
        writer.append(key)
        writer.append(time: milliseconds)
        writer.append("\"")
    }
}
