import Glibc

/// Where text for people goes: standard output or standard error, on a terminal or not.
public struct Screen: Sendable {
    /// The width that is assumed where none can be asked for.
    public static let assumedWidth = 80

    /// A person watches: tables are aligned, bars move. Otherwise a program reads.
    public let isTerminal: Bool
    /// The terminal understands colour, and nobody asked for none (`NO_COLOR`, see no-color.org).
    public let usesColour: Bool
    private let descriptor: Int32?
    private let fixedWidth: Int?
    private let sink: @Sendable (String) -> Void

    /// Standard output: results.
    public static let output = Screen(descriptor: STDOUT_FILENO)
    /// Standard error: progress, log lines and mistakes.
    public static let errors = Screen(descriptor: STDERR_FILENO)

    /// - Parameter environment: the value of an environment variable, nil where it is not set.
    public init(descriptor: Int32, environment: (String) -> String? = Screen.environment) {
        isTerminal = isatty(descriptor) == 1
        usesColour = isTerminal && Screen.wantsColour(environment)
        fixedWidth = environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        self.descriptor = descriptor
        sink = { Screen.write($0, to: descriptor) }
    }

    /// A screen that hands its text to `sink` instead of to a file.
    public init(
        isTerminal: Bool, width: Int = Screen.assumedWidth, usesColour: Bool = false,
        sink: @escaping @Sendable (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.usesColour = usesColour
        fixedWidth = width
        descriptor = nil
        self.sink = sink
    }

    /// Cells in a line, asked anew each time: windows change.
    public var width: Int {
        var size = winsize()
        if let descriptor, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return fixedWidth ?? Screen.assumedWidth
    }

    /// Writes `text` as it is. A reader that has gone away (`winback leads | head`) is no error.
    public func write(_ text: String) { sink(text) }

    public func line(_ text: String = "") { sink(text + "\n") }

    /// `text` in `style` where this screen shows colour.
    public func styled(_ text: String, _ style: Style?) -> String {
        guard usesColour, let style else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }

    @usableFromInline static func wantsColour(_ environment: (String) -> String?) -> Bool {
        guard environment("NO_COLOR")?.isEmpty ?? true else { return false }
        return environment("TERM") != "dumb"
    }

    public static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count >= 0 {
                    written += count
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
