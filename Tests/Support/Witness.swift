import Foundation

/// A Python process that produces and reads through python3-confluent-kafka: what it sees, anybody would see.
///
/// Used by one thread. It ends with its owner, also when that is killed, and takes the engines that it guards with it.
public final class Witness {
    private let process = Process()
    private let requests = Pipe()
    private let answers = Pipe()
    private var buffer = Data()

    /// Debian's Python, which has the modules; another one may be first on the PATH.
    private static let python = URL(fileURLWithPath: "/usr/bin/python3")

    /// - Parameter script: in the repository: `witness.py`, or one that adds operations to it.
    public init(bootstrapServers: String, script: String = "Tests/Support/witness.py") throws {
        process.executableURL = Self.python
        process.arguments = [
            "-W", "ignore", RealBroker.repository.appendingPathComponent(script).path, bootstrapServers,
        ]
        process.standardInput = requests
        process.standardOutput = answers
        try process.run()
    }

    deinit { close() }

    public func close() {
        try? requests.fileHandleForWriting.close()
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    @discardableResult
    public func ask(_ operation: String, _ request: [String: Any] = [:]) throws -> [String: Any] {
        let line = try JSONSerialization.data(withJSONObject: request.merging(["do": operation]) { $1 })
        try requests.fileHandleForWriting.write(contentsOf: line + [0x0A])
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let answer = buffer[..<end]
                buffer = Data(buffer[(end + 1)...])
                guard let object = try JSONSerialization.jsonObject(with: answer) as? [String: Any] else { continue }
                if let error = object["error"] as? String { throw TimedOut(description: error) }
                return object
            }
            let more = answers.fileHandleForReading.availableData
            guard !more.isEmpty else { throw TimedOut(description: "the witness ended: \(operation)") }
            buffer.append(more)
        }
    }

    public func produce(_ topic: String, _ messages: [Message], transaction: String? = nil) throws {
        var request: [String: Any] = ["topic": topic, "messages": messages.map(\.object)]
        request["transaction"] = transaction
        try ask("produce", request)
    }

    /// What a `read_committed` consumer sees; waits for `count` messages, and reads to the end in any case.
    public func read(_ topic: String, count: Int = 0, within seconds: Double = 40) throws -> [Message] {
        let answer = try ask("read", ["topic": topic, "count": count, "seconds": seconds])
        return (answer["messages"] as? [[String: Any]] ?? []).map(Message.init(object:))
    }

    /// What is wrong with the documents; nothing is what a test wants.
    public func errors(in documents: [String], schema: String) throws -> [String] {
        let folder = RealBroker.repository.appendingPathComponent("schemas").path
        let answer = try ask("validate", ["folder": folder, "schema": schema, "documents": documents])
        return answer["errors"] as? [String] ?? ["no answer"]
    }
}
