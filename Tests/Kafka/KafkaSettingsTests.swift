import Kafka
import Testing

@Suite struct KafkaSettingsTests {
    @Test(arguments: [
        "enable.auto.commit", "enable.auto.offset.store", "isolation.level", "enable.idempotence", "acks",
        "request.required.acks", "partition.assignment.strategy", "group.id", "group.instance.id", "transactional.id",
        "enable.partition.eof", "auto.offset.reset", "transaction.timeout.ms",
    ])
    func aPropertyThatCarriesAPromiseIsRefused(key: String) throws {
        for spelling in [key, "consumer.\(key)", "producer.\(key)"] {
            let complaint = try #require(KafkaSettings.complaint(key: spelling, value: "1"))
            #expect(complaint.hasPrefix("\(key) is Winback's own: "))
        }
    }

    @Test func everythingElseIsJudgedByLibrdkafka() throws {
        #expect(KafkaSettings.complaint(key: "security.protocol", value: "ssl") == nil)
        #expect(KafkaSettings.complaint(key: "consumer.fetch.max.bytes", value: "1000000") == nil)
        #expect(KafkaSettings.complaint(key: "fetch.max.bites", value: "1")?.contains("fetch.max.bites") == true)
        #expect(KafkaSettings.complaint(key: "linger.ms", value: "soon")?.contains("linger.ms") == true)
        #expect(KafkaSettings.complaint(key: "compression.type", value: "rar")?.contains("compression.type") == true)
    }

    @Test func secretsAreKnown() {
        #expect(KafkaSettings.isSecret("sasl.password"))
        #expect(KafkaSettings.isSecret("producer.ssl.key.password"))
        #expect(KafkaSettings.isSecret("ssl.key.pem"))
        #expect(!KafkaSettings.isSecret("bootstrap.servers"))
    }

    @Test func aRefusedPropertyStopsTheClientWithItsName() {
        let settings = KafkaSettings(properties: [
            ("bootstrap.servers", "127.0.0.1:1"), ("consumer.fetch.max.bites", "1"),
        ])
        #expect { try KafkaConsumer(settings: settings, groupID: "g", groupInstanceID: nil) } throws: { error in
            let error = error as? KafkaError
            return error?.code == .configuration && error?.message.contains("fetch.max.bites") == true
        }
        // The other side does not see it.
        #expect(throws: Never.self) { try PlainProducer(settings: settings).close() }
    }
}
