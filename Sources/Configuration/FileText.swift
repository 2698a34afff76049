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

    /// Reads a file of settings; what goes wrong is a mistake that names it.
    ///
    /// - Parameters:
    ///   - what: such as `the configuration`.
    ///   - advice: what to do, behind the reason.
    static func readSettings(
        _ path: String, _ what: String, advice: String = ""
    ) throws(ConfigurationError) -> [UInt8] {
        do throws(Problem) {
            return try read(path, maximumBytes: Limits.fileBytes)
        } catch {
            let message = "cannot read \(what): \(error.reason)\(advice)"
            let mistake = Mistake(code: .unreadable, place: Place(file: path), keyPath: "", message: message)
            throw ConfigurationError(mistakes: [mistake], omitted: 0)
        }
    }
}
