/// Where a value was written.
public struct Place: Hashable, Sendable, CustomStringConvertible {
    /// The file as it was named, or `environment` or `command line` with the name that was used there.
    public var file: String
    /// From 1; 0 where the value does not come from a file.
    public var line: Int
    /// In characters, from 1; 0 where the value does not come from a file.
    public var column: Int

    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}
