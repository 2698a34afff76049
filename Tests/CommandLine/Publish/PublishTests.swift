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

    @Test func aTableIsPublishedByItsColumnsNames() throws {
        let table = "type,prospect,email,first_name\r\ncheckout.started,p-1,a@example.com,\"Ann \"\"A\"\"\"\r\n"
        let file = try folder.write(table + "checkout.completed,,B@Example.com,\r\n", to: "events.CSV")
        let ending = try publish([file])
        #expect(ending.code == 0, "\(ending.errors)")
        let found = try published(2)
        #expect(Set(found.map(\.key)) == ["p-1", "b@example.com"])
        let first = try #require(found.first { $0.key == "p-1" })
        let event = try #require(try JSONSerialization.jsonObject(with: Data(first.value.utf8)) as? [String: Any])
        #expect(event["id"] as? String == "2")
        #expect(event["source"] as? String == "/csv/events.CSV")
        let data = try #require(event["data"] as? [String: [String: String]])
        #expect(data["prospect"] == ["id": "p-1", "email": "a@example.com", "firstName": "Ann \"A\""])
    }

    @Test func aTableIsPublishedByItsMappingAndRefusalsNameLineAndColumn() throws {
        let map = try folder.write(
            "separator: \";\"\ncolumns: {Kunde: prospect, Wann: {to: time, as: time}}\nconstants: {type: checkout.started}\n",
            to: "map.yaml")
        let table =
            "Kunde;Notiz;Wann\np-1;x;2026-07-01T09:30:00Z\np-2;y;yesterday\n;z;2026-07-01T09:30:00Z\np-3;a\"b;\n"
        let ending = try publish(["-", "--map", map], input: table)
        #expect(ending.code == 65)
        #expect(ending.errors.contains("columns that the mapping does not name are left out: Notiz"))
        #expect(ending.errors.contains("standard input:3: column 3 `Wann` must be a time"))
        #expect(ending.errors.contains("standard input:4: column `Kunde`: prospect-id"))
        #expect(ending.errors.contains("standard input:5: line 5, byte 6: a quote stands"))
        #expect(ending.errors.contains("3 lines were refused"))
        #expect(try published(1).map(\.key) == ["p-1"])
    }

    @Test func eventsOfAnotherShapeArePublishedUnderTheirIdentity() throws {
        let mapped = try folder.write(
            String(contentsOfFile: configuration, encoding: .utf8)
                + "events: {format: json, type: /event, id: /nr, time: /at, prospect: /who, types: {checkout.started: CartFilled}}\n",
            to: "mapped.yaml")
        let line = #"{"event":"CartFilled","nr":"1","at":"2026-07-01T09:30:00Z","who":"p-9"}"#
        let ending = try winback.run(
            ["publish", "--config", mapped, "-"], input: "\(line)\n{\"event\":\"CartFilled\"}\n")
        #expect(ending.code == 65, "\(ending.errors)")
        #expect(ending.errors.contains("standard input:2: "), "\(ending.errors)")
        let found = try published(1)
        #expect(found.map(\.key) == ["p-9"])
        #expect(found.map(\.value) == [line])
    }

    @Test func aReplayTakesTheTimeThatItsEventsAreApart() throws {
        let lines = (0..<3).map {
            #"{"specversion":"1.0","id":"\#($0)","source":"/s","type":"checkout.started","time":"2026-07-01T09:3\#($0):00Z","data":{"prospect":{"id":"p"}}}"#
        }
        let start = ContinuousClock.now
        let ending = try publish(["-", "--speed", "120"], input: lines.joined(separator: "\n"))
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ContinuousClock.now - start >= .seconds(1))
        #expect(try published(3).map(\.value) == lines)
    }

    @Test func optionsThatDoNotGoTogetherAreRefused() throws {
        #expect(try publish(["--generate", "1", "--speed", "2"]).code == 64)
        #expect(try publish(["x.csv", "--rate", "1", "--speed", "2"]).code == 64)
        #expect(try publish(["x.csv", "--speed", "0"]).code == 64)
        #expect(try publish(["x.csv", "--resume", "a b"]).code == 64)
        #expect(try publish(["x.ndjson", "--map", "m", "--format", "ndjson"]).code == 64)
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

    @Test func whatIsMadeHereDoesNotGoWhereEventsHaveAnotherShape() throws {
        let own = try folder.write(
            try String(contentsOfFile: configuration, encoding: .utf8)
                + "events: {format: json, type: /event, prospect: /who}\n", to: "own.yaml")
        let table = try folder.write("type,prospect\ncheckout.started,p-1\n", to: "table.csv")
        for arguments in [["--generate", "3"], [table]] {
            let ending = try winback.run(["publish", "--config", own] + arguments)
            #expect(ending.code == 65)
            #expect(ending.errors.contains("the events of checkout-events have a shape of their own"))
        }
        let lines = try folder.write(#"{"event":"checkout.started","who":"p-1"}"# + "\n", to: "own.ndjson")
        #expect(try winback.run(["publish", "--config", own, lines]).code == 0)
        #expect(try published(1).map(\.key) == ["p-1"])
    }
}
