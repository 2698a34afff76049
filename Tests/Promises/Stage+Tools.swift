import Foundation
import Kafka
import KafkaTestSupport
import Testing

/// What happens to a cluster behind an engine's back; by Kafka's own tools, where python3-confluent-kafka of Debian 12
/// cannot.
extension Stage {
    /// Deletes the first records of the first partition.
    func deleteRecords(before offset: Int) throws {
        let file = folder.appendingPathComponent("delete.json")
        let request = #"{"version":1,"partitions":[{"topic":"\#(events)","partition":0,"offset":\#(offset)}]}"#
        try Data(request.utf8).write(to: file)
        try #require(try runTool("DeleteRecordsCommand", ["--offset-json-file", file.path]))
    }

    /// As after seven days without a member: the broker knows nothing of the group any more.
    func forgetGroup() throws {
        // A static member stays until its session ends. A group with a member is not deleted, and yet the tool is content.
        _ = try eventually("the group is deleted", within: 60) { () throws -> Bool? in
            _ = try runTool("consumer.group.ConsumerGroupCommand", ["--delete", "--group", group])
            return try committed().allSatisfy { $0.offset == nil } ? true : nil
        }
    }

    /// What the broker has of the group, by partition.
    func committed() throws -> [CommittedOffset] {
        let consumer = try KafkaConsumer(settings: broker.settings, groupID: group, groupInstanceID: nil)
        defer { consumer.close() }
        let all = (0..<partitions).map { TopicPartition(events, $0) }
        return try consumer.committed(all, timeoutMilliseconds: 20_000).sorted { $0.partition < $1.partition }
    }

    /// What lies in the data directory, by path; not the lock, which names who looked last, and the status.
    func files() throws -> [String: Data] {
        let names = FileManager.default.enumerator(atPath: data.path)?.compactMap { $0 as? String } ?? []
        var files: [String: Data] = [:]
        for name in names where !name.hasSuffix("lock") && name != "status.json" {
            // A folder has no content.
            files[name] = (try? Data(contentsOf: data.appendingPathComponent(name))) ?? Data()
        }
        return files
    }

    /// Puts offsets of the group back, as a backup does, once the group has no member.
    func commit(_ offsets: [CommittedOffset]) throws {
        let consumer = try KafkaConsumer(settings: broker.settings, groupID: group, groupInstanceID: nil)
        defer { consumer.close() }
        let old = offsets.compactMap { committed in
            committed.offset.map { PartitionOffset(committed.partition, offset: $0, metadata: committed.metadata) }
        }
        _ = try eventually("old offsets put back", within: 60) {
            (try? consumer.commit(old, timeoutMilliseconds: 5000)) == nil ? nil : true
        }
    }

    /// Deletes the topic with the events and makes it again, empty. Its offsets begin anew.
    func makeEventsAnew() throws {
        let admin = try TopicAdmin(settings: broker.settings)
        defer { admin.close() }
        try admin.delete([events], timeoutMilliseconds: 20_000)
        // The broker deletes a topic after it has said that it will; until then it is said to be there, and is not.
        _ = try eventually("topic \(events) made anew", within: 60) {
            do throws(KafkaError) {
                try admin.create([TopicSpec(name: events, partitions: partitions)], timeoutMilliseconds: 20_000)
                return true
            } catch {
                guard error.code == .topicExists else { throw error }
                return nil as Bool?
            }
        }
        // What a client that comes now is told.
        _ = try eventually("topic \(events) is empty", within: 60) { () throws -> Bool? in
            let reader = try ClusterReader(settings: broker.settings)
            defer { reader.close() }
            let all = (0..<partitions).map { TopicPartition(events, $0) }
            return (try? reader.endOffsets(of: all, timeoutMilliseconds: 5000))?.values.allSatisfy { $0 == 0 } == true
                ? true : nil
        }
    }

    private func runTool(_ name: String, _ arguments: [String]) throws -> Bool {
        let home = ProcessInfo.processInfo.environment["KAFKA_HOME"] ?? ""
        let process = Process()
        process.executableURL = ExternalProgram.path(of: "java")
        process.arguments =
            ["-cp", "\(home)/libs/*", "org.apache.kafka.tools.\(name)", "--bootstrap-server", broker.bootstrapServers]
            + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
