import Foundation
import Kafka
import Testing

@Suite struct PublishTests {
    private let winback: WinbackProgram
    private let folder: TemporaryFolder
    private let cluster: MockCluster
    private let configuration: String

    init() throws {
        winback = try WinbackProgram()
        folder = try TemporaryFolder()
        cluster = try MockCluster()
        try cluster.createTopic("checkout-events", partitions: 3)
        configuration = try folder.write(
            """
            kafka:
              bootstrap.servers: \(cluster.bootstrapServers)
            templates: [spot-saved]
            policies:
              - name: abandoned-checkout
                opensOn: [checkout.started]
                convertsOn: [checkout.completed]
                steps: [{after: 1h, template: spot-saved}]

            """, to: "winback.yaml")
    }

    private static func event(_ id: Int, prospect: String) -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"/shop","type":"checkout.started","data":{"prospect":\#(prospect)}}"#
    }

    private func publish(_ arguments: [String], input: String? = nil) throws -> WinbackProgram.Ending {
        try winback.run(["publish", "--config", configuration] + arguments, input: input)
    }

    /// Everything in the topic, as key and value.
    private func published(_ count: Int) throws -> [(key: String?, value: String)] {
        let consumer = try KafkaConsumer(settings: cluster.settings, groupID: "test", groupInstanceID: nil)
        defer { consumer.close() }
        try consumer.subscribe(topics: ["checkout-events"])
        let batch = MessageBatch()
        defer { batch.release() }
        var result: [(key: String?, value: String)] = []
        let deadline = Date().addingTimeInterval(30)
        while result.count < count, Date() < deadline {
            try consumer.poll(into: batch, timeoutMilliseconds: 100)
            if case .assigned(let partitions) = consumer.takeRebalance() {
                try consumer.assign(partitions.map { PartitionOffset($0, offset: 0) })
            }
            for index in 0..<batch.count {
                result.append(
                    (
                        batch.key(index).map { String(decoding: $0, as: UTF8.self) },
                        batch.value(index).map { String(decoding: $0, as: UTF8.self) } ?? ""
                    ))
            }
        }
        return result
    }

    @Test func eachLineIsPublishedUnderItsIdentity() throws {
        let lines = [
            Self.event(1, prospect: #"{"id":"p-1","email":"a@example.com"}"#),
            Self.event(2, prospect: #"{"email":" B@Example.com "}"#),
        ]
        let file = try folder.write(lines.joined(separator: "\r\n") + "\n\n", to: "events.ndjson")
        let ending = try publish([file])
        #expect(ending.code == 0, "\(ending.errors)")
        let found = try published(2)
        #expect(Set(found.map(\.value)) == Set(lines))
        #expect(Set(found.map(\.key)) == ["p-1", "b@example.com"])
    }

    @Test func aRefusedLineIsNamedAndLeftOutAndTheOthersGo() throws {
        let good = Self.event(1, prospect: #"{"id":"p-1"}"#)
        let ending = try publish(["-"], input: "{\"broken\n\(good)\n")
        #expect(ending.code == 65)
        #expect(ending.errors.contains("standard input:1: "))
        #expect(ending.errors.contains("1 line was refused"))
        #expect(try published(1).map(\.value) == [good])
    }

    @Test func uncheckedSendsEveryLine() throws {
        let ending = try publish(["-", "--unchecked"], input: "{\"broken\n")
        #expect(ending.code == 0, "\(ending.errors)")
        let found = try published(1)
        #expect(found.map(\.value) == ["{\"broken"])
        #expect(found.first?.key == nil)
    }

    @Test func generatedTrafficIsAsMuchAsWasAskedFor() throws {
        let ending = try publish(["--generate", "2000", "--rate", "0"])
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.errors.contains("2,000 events"))
        #expect(try published(2000).count == 2000)
    }

    @Test func aFileThatIsNotThereEndsWithSixtySix() throws {
        #expect(try publish(["nowhere.ndjson"]).code == 66)
    }

    @Test func aBrokerThatIsNotThereEndsWithSixtyNine() throws {
        let ending = try publish(["--generate", "1", "--set", "kafka.bootstrap.servers=127.0.0.1:1"])
        #expect(ending.code == 69)
    }
}
