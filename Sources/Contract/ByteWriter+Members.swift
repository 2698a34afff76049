/// Members of the JSON objects that commands and lead events are. Each key is written as it is: with what comes before it.
extension ByteWriter {
    mutating func string(_ key: StaticString, _ text: ReminderCommand.Text) {
        append(key)
        append(jsonString: text)
    }

    mutating func optional(_ key: StaticString, _ text: ReminderCommand.Text) {
        if text.count > 0 { string(key, text) }
    }

    mutating func number(_ key: StaticString, _ value: Int) {
        append(key)
        append(decimal: Int64(value))
    }

    /// The key brings the opening quote.
    mutating func time(_ key: StaticString, _ milliseconds: Int64) {
        append(key)
        append(time: milliseconds)
        append("\"")
    }

    mutating func list(_ key: StaticString, _ texts: UnsafeBufferPointer<ReminderCommand.Text>) {
        append(key)
        append("[")
        for i in texts.indices {
            if i > 0 { append(",") }
            append(jsonString: texts[i])
        }
        append("]")
    }

    mutating func fields(_ key: StaticString, _ fields: UnsafeBufferPointer<ReminderCommand.Field>) {
        append(key)
        append("{")
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

    /// The event that something follows from.
    mutating func event(_ key: StaticString, _ event: ReminderCommand.Opening) {
        append(key)
        string("{\"type\":", event.type)
        optional(",\"source\":", event.source)
        optional(",\"id\":", event.id)
        time(",\"time\":\"", event.time)
        append("}")
    }
}
