import Foundation
import Glibc
import Journal

/// The folder of one demo: configuration, data directory and log. It is kept, to be looked at.
struct DemoDirectory {
    let path: String
    var configuration: String { "\(path)/winback.yaml" }
    var data: String { "\(path)/data" }
    var log: String { "\(path)/engine.log" }

    init() throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/winback-demo.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw JournalError(
                .inputOutput, path: parent,
                message: "no folder for the demo can be made in it: \(String(cString: strerror(errno))). Name another "
                    + "one with TMPDIR")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
