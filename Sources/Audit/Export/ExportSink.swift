/// Where an export's rows go, in one format. Nothing has its name before all of it is written.
protocol ExportSink: AnyObject {
    func append(_ row: [ExportValue], to table: Int) throws
    /// Ends the export and gives it its name; returns the files that were made.
    func finish() throws -> [String]
    /// Removes what was written.
    func abandon()
}

/// An export could not be written.
public struct ExportError: Error, CustomStringConvertible, Sendable {
    public var path: String
    public var message: String
    public var description: String { "\(path): \(message)" }
}
