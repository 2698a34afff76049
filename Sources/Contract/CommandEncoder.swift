/// Writes commands as structured CloudEvents, as `schemas/send-reminder.schema.json` describes them.
///
/// The bytes follow from the content alone: keys in this order, no white space, only the escapes that must be. A replay
/// that decides the same writes the same.
public final class CommandEncoder {
    public static let contentType = "application/cloudevents+json; charset=UTF-8"

    private var writer = ByteWriter(capacity: 16 * 1024)

    public init() {}

    /// The command's bytes, valid until the next call.
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
        appendTags(command.tags)
        appendFields(command.fields)
        appendOpening(command.openedBy)
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

    private mutating func appendTags(_ tags: UnsafeBufferPointer<ReminderCommand.Text>) {
        append(",\"tags\":[")
        for i in tags.indices {
            if i > 0 { append(",") }
            append(jsonString: tags[i])
        }
        append("]")
    }

    private mutating func appendFields(_ fields: UnsafeBufferPointer<ReminderCommand.Field>) {
        append(",\"fields\":{")
        for i in fields.indices {
            if i > 0 { append(",") }
            append(jsonString: fields[i].name)
            append(":")
            switch fields[i].value {
            case .string(let text): append(jsonString: text)
            case .json(let json): append(json)
            }
        }
        append("}")
    }

    private mutating func appendOpening(_ opening: ReminderCommand.Opening) {
        string(",\"openedBy\":{\"type\":", opening.type)
        optional(",\"source\":", opening.source)
        optional(",\"id\":", opening.id)
        time(",\"time\":\"", opening.time)
        append("}")
    }

    private mutating func string(_ key: StaticString, _ text: ReminderCommand.Text) {
        append(key)
        append(jsonString: text)
    }

    private mutating func optional(_ key: StaticString, _ text: ReminderCommand.Text) {
        if text.count > 0 { string(key, text) }
    }

    private mutating func number(_ key: StaticString, _ value: Int) {
        append(key)
        append(decimal: Int64(value))
    }

    /// The key brings the opening quote.
    private mutating func time(_ key: StaticString, _ milliseconds: Int64) {
        append(key)
        append(time: milliseconds)
        append("\"")
    }
}
