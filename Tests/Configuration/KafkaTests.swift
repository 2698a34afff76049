import Configuration
import Testing

@Suite struct KafkaTests {
    static func kafka(_ text: String) -> String {
        minimal().replacing(
            "kafka: {bootstrap.servers: localhost:9092}", with: "kafka:\n  bootstrap.servers: a\n  \(text)")
    }

    @Test(arguments: [
        Case("reserved", kafka("enable.auto.commit: true"), "w.yaml:3:3: `enable.auto.commit` cannot be set: "),
        Case(
            "reserved with a prefix", kafka("consumer.isolation.level: read_uncommitted"),
            "w.yaml:3:3: `consumer.isolation.level` cannot be set: it carries one of Winback's promises"),
        Case(
            "another name", kafka("group.id: x"),
            "w.yaml:3:3: `group.id` cannot be set: it carries one of Winback's promises and is set by Winback: remove it "
                + "(did you mean `group`?)"),
        Case(
            "a list", kafka("debug: [a, b]"), "w.yaml:3:10: `debug` must be a single value: separate several by commas"),
        Case("no value", kafka("client.id:"), "w.yaml:3:13: `client.id` has no value"),
        Case(
            "nested", kafka("ssl: {ca.location: x}"),
            "w.yaml:3:8: `ssl` must be a single value", "w.yaml:3:9: unknown key `ca.location` in `ssl`"),
        Case("both", kafka("sasl.password: {file: a, env: B}"), "w.yaml:3:18: `sasl.password` must be a single value"),
        Case(
            "another cluster", kafka("producer.bootstrap.servers: b"),
            "w.yaml:3:3: consumer and producer must use one cluster (did you mean `bootstrap.servers`?)"),
    ])
    func whatIsWrongUnderKafkaIsNamed(_ case: Case) { `case`.check() }

    @Test(arguments: ["", "a,,b", ":9092", "a:", "a:x", "a:0", "a:70000", "a b:x"])
    func aBrokerThatIsNoneIsRefused(_ servers: String) {
        let text = minimal().replacing("localhost:9092", with: "'\(servers)'")
        #expect(
            mistakes(text)[0].hasPrefix("w.yaml:1:28: `bootstrap.servers` must be `HOST:PORT`, separated by commas"))
    }

    @Test(arguments: ["a", "a:9092", "SASL_SSL://a:9092", "[::1]:9092", "[::1]", "a:1, b:2"])
    func aBrokerIsAccepted(_ servers: String) throws {
        let text = minimal().replacing("localhost:9092", with: "'\(servers)'")
        #expect(try Configuration.parse(text: text).kafka[0].value == servers)
    }

    @Test func theCallersRulesAreAsked() {
        let rules = KafkaRules(reserved: ["acks": "no"]) { key, value in
            key == "consumer.fetch.wait.max.mss" ? "No such configuration property (\(value))" : nil
        }
        #expect(
            mistakes(Self.kafka("consumer.fetch.wait.max.mss: 10\n  acks: 1"), rules: rules) == [
                "w.yaml:3:3: `consumer.fetch.wait.max.mss`: No such configuration property (10) "
                    + "(did you mean `fetch.wait.max.ms`?)",
                "w.yaml:4:3: `acks` cannot be set: no",
            ])
    }
}
