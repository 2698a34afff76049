import Foundation

/// Reads small files whole.
enum FileText {
    struct Problem: Error {
        /// `No such file or directory`
        var reason: String
    }

    static func read(_ path: String, maximumBytes: Int) throws(Problem) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Problem(reason: String(cString: strerror(errno))) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw Problem(reason: String(cString: strerror(errno))) }
        guard count <= maximumBytes else {
            throw Problem(reason: "it is larger than \(ByteCount.describe(maximumBytes))")
        }
        return Array(bytes[..<count])
    }
}
