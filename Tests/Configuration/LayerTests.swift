import Configuration
import Foundation
import Journey
import Testing

/// The command line comes before the environment, and that before the file; secrets are never printed.
@Suite struct LayerTests {
    @Test func theCommandLineBeatsTheEnvironmentWhichBeatsTheFile() throws {
        let text = minimal("commit: {interval: 20ms}\ndata: file\ngroup: file")
        let environment = ["WINBACK_COMMIT_INTERVAL": "30ms", "WINBACK_DATA": "environment", "OTHER": "x"]
        let configuration = try Configuration.parse(
            text: text, environment: environment, overrides: ["commit.interval=10ms", "commit.interval=40ms"])
        #expect(configuration.commitInterval == Span(milliseconds: 40))
        #expect(configuration.data == "environment")
        #expect(configuration.group == "file")
        #expect(configuration.warnings.isEmpty)
    }

    @Test func everySettingHasANameInTheEnvironment() throws {
        let configuration = try Configuration.parse(
            text: minimal("clock: {lateness: 1s}"),
            environment: [
                "WINBACK_TOPICS_EVENTS": "a, b", "WINBACK_TOPICS_DEAD_LETTERS": "dead", "WINBACK_CLOCK_MAX_GAP": "3d",
                "WINBACK_KAFKA_BOOTSTRAP_SERVERS": "broker:9093", "WINBACK_KAFKA_CONSUMER_FETCH_WAIT_MAX_MS": "10",
                "WINBACK_INSTANCE": "",
            ])
        #expect(configuration.topics.events == ["a", "b"])
        #expect(configuration.topics.deadLetters == "dead")
        #expect(configuration.clock.maxGap == .days(3))
        #expect(configuration.clock.lateness == .seconds(1))
        #expect(configuration.instance == nil)
        #expect(
            configuration.kafka.map(\.description) == [
                "bootstrap.servers=broker:9093", "consumer.fetch.wait.max.ms=10",
            ])
    }

    @Test func mistakesOfTheLayersNameThem() {
        let printed = mistakes(
            minimal(), environment: ["WINBACK_IDENTITY": "none"],
            overrides: ["clock.latenes=1s", "policies=x", "data", "clock.maxAge=1h"])
        #expect(
            printed == [
                "command line: unknown setting `clock.latenes` (did you mean `clock.lateness`?)",
                "command line: `policies` can only be set in the file",
                "command line: `data` has no value: write `key=value`",
                "environment WINBACK_IDENTITY: `identity` must be `prospect` or `email`, not `none`",
                "command line: `maxAge` must be from 1s to 10s, not `1h`",
            ])
    }

    @Test func aNameThatSetsNothingIsAWarning() throws {
        let configuration = try Configuration.parse(
            text: minimal("data: ${WINBACK_HOME}"),
            environment: [
                "WINBACK_HOME": "/x", "WINBACK_GROUPS": "x", "WINBACK_SERVICE_HOST": "10.0.0.1", "WINBACK_PORT": "x",
            ])
        #expect(
            configuration.warnings.map(\.description) == [
                "environment WINBACK_GROUPS: it sets nothing that Winback knows: WINBACK_GROUP would"
            ])
    }

    @Test func theFileMayReferToTheEnvironment() throws {
        let configuration = try Configuration.parse(
            text: minimal("data: /srv/${SHOP}/${PART:-journal}$${X}$\ngroup: \"${EMPTY:-winback}\""),
            environment: ["SHOP": "kasko", "EMPTY": ""])
        #expect(configuration.data == "/srv/kasko/journal${X}$")
        #expect(configuration.group == "winback")
    }

    @Test func aVariableCannotAddStructure() throws {
        let configuration = try Configuration.parse(
            text: minimal("data: ${X}"), environment: ["X": "{a: b} # c"])
        #expect(configuration.data == "{a: b} # c")
    }

    @Test func aVariableThatIsNotSetIsAMistakeAtItsPlace() {
        #expect(
            mistakes(minimal("data: /srv/${SHOP}"), environment: ["SHOPS": "x"]) == [
                "w.yaml:9:12: environment variable SHOP is not set: set it, or write `${SHOP:-default}` "
                    + "(did you mean `SHOPS`?)"
            ])
        #expect(mistakes(minimal("data: '/srv/${SHOP}'"))[0].hasPrefix("w.yaml:9:13: environment variable SHOP"))
        #expect(mistakes(minimal("data: x${SHOP"))[0].hasPrefix("w.yaml:9:8: `${` without `}`"))
        #expect(mistakes(minimal("data: ${A-B}"))[0].hasPrefix("w.yaml:9:7: `${A-B}` names no environment variable"))
        #expect(mistakes(minimal("data: ${A:-${B}}"))[0].contains("names no environment variable"))
    }

    @Test func aVariableOfAValueThatIsReplacedNeedNotBeSet() throws {
        let text = minimal("data: ${DATA}").replacing("localhost:9092", with: "'${BROKERS}'")
        let configuration = try Configuration.parse(
            text: text, environment: ["WINBACK_DATA": "/x"], overrides: ["kafka.bootstrap.servers=b:1"])
        #expect(configuration.data == "/x")
        #expect(configuration.kafka[0].value == "b:1")
        #expect(mistakes(text).count == 2)
    }

    @Test func aVariableThatIsNotSetIsTheOnlyMistakeOfItsValue() {
        let printed = mistakes(minimal("identity: ${N}\ninstance: ''\nclock: {lateness: '${L}'}"))
        #expect(printed.count == 3)
        #expect(printed.count { $0.contains("is not set") } == 2)
    }

    @Test func aSecretIsNeverPrinted() throws {
        let secret = "hunter2"
        let environment = ["PASSWORD": secret, "WINBACK_KAFKA_SSL_KEY_PASSWORD": secret]
        let rules = KafkaRules { _, value in "cannot be `\(value)`" }
        let text = minimal("identity: ${PASSWORD}\ngroup: a ${PASSWORD}\nclock: {lateness: '${PASSWORD}'}")
            .replacing(
                "{bootstrap.servers: localhost:9092}",
                with:
                    "\n  bootstrap.servers: 'a,${PASSWORD}:x'\n  sasl.password: \(secret)\n  sasl.username: {env: PASSWORD}"
            )
        let printed = mistakes(text, environment: environment, rules: rules)
        #expect(printed.count == 8, "\(printed)")
        #expect(!printed.joined().contains(secret))
        #expect(printed.joined().contains("${PASSWORD}"))

        let configuration = try Configuration.parse(
            text: minimal().replacing("}\ntemplates", with: ", sasl.password: \(secret)}\ntemplates"))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains(secret))
        #expect(!"\(configuration)".contains(secret))
        #expect(configuration.kafka.last?.value == secret)
    }

    @Test func secretsComeFromFilesAndTheEnvironment() throws {
        try withDirectory { directory in
            let path = directory.appendingPathComponent("password").path
            #expect(writeFile(path, Array("s3cret\n".utf8)))
            let kafka = "{bootstrap.servers: 'a:1,b', ssl.key.password: {file: \(path)}, sasl.password: {env: SASL}}"
            let text = minimal().replacing("{bootstrap.servers: localhost:9092}", with: kafka)
            let configuration = try Configuration.parse(text: text, environment: ["SASL": "pass"])
            #expect(configuration.kafka.map(\.value) == ["a:1,b", "s3cret", "pass"])
            #expect(configuration.kafka.map(\.isSecret) == [false, true, true])
            #expect(configuration.kafka[1].description == "ssl.key.password=(secret)")
            #expect(configuration.kafka[1].place == Place(file: "winback.yaml", line: 1, column: 55))
            #expect(mistakes(text)[0].hasSuffix("environment variable `SASL` for `sasl.password` is not set"))
        }
    }

    @Test func aSecretFileThatCannotBeReadIsAMistake() {
        let text = minimal().replacing(
            "{bootstrap.servers: localhost:9092}", with: "{bootstrap.servers: a, sasl.password: {file: /nowhere/x}}")
        #expect(mistakes(text)[0].hasPrefix("w.yaml:1:53: cannot read `/nowhere/x` for `sasl.password`"))
    }

    @Test func aPasswordOnTheCommandLineIsAWarning() throws {
        let configuration = try Configuration.parse(text: minimal(), overrides: ["kafka.sasl.password=a=b"])
        #expect(configuration.kafka.last?.value == "a=b")
        #expect(
            configuration.warnings.map(\.description).first?.hasPrefix("command line: `kafka.sasl.password` can be")
                == true)
    }
}
