import Terminal

/// One event in the log, and its two forms.
struct LogLine: Sendable {
    let time: Int64
    let level: LogLevel
    let message: String
    let fields: [(name: String, value: LogValue)]

    /// `12:00:00.250 warning  broker not reachable  broker=localhost:9092`, in UTC.
    func readable(on screen: Screen) -> String {
        let clock = TimeText.utc(time, .milliseconds).dropLast().suffix(12)
        let style: Style? =
            switch level {
            case .debug: .dim
            case .info: nil
            case .warning: .yellow
            case .error: .red
            }
        let padding = String(repeating: " ", count: 7 - level.rawValue.count)
        var line = "\(screen.styled(String(clock), .dim)) \(screen.styled(level.rawValue, style))\(padding)  \(message)"
        for (index, field) in fields.enumerated() {
            line += index == 0 ? "  " : " "
            line += screen.styled("\(field.name)=", .dim) + field.value.readable
        }
        return line + "\n"
    }

    /// `{"time":"…","level":"warning","message":"…","broker":"…"}`
    var json: String {
        var line = "{\"time\":\(LogValue.time(time).json),\"level\":\"\(level.rawValue)\""
        line += ",\"message\":\(JSONText.quoted(message))"
        for field in fields { line += ",\(JSONText.quoted(field.name)):\(field.value.json)" }
        return line + "}\n"
    }
}
