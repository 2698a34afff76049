import Foundation

/// Reads small files whole.
enum FileText {
    /// The file's bytes, or `nil` if it cannot be read or is larger.
    static func read(_ path: String, maximumBytes: Int) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0, count <= maximumBytes else { return nil }
        return Array(bytes[..<count])
    }
}
