import Configuration
import Journey
import RandomTestSupport
import Testing

/// What is printed for a mistake, with its exact place.
@Suite struct MistakeTests {
    @Test(arguments: syntax) func whatIsNotYAMLIsRefusedWithItsPlace(_ case: Case) { `case`.check() }
    @Test(arguments: keys) func aKeyThatIsWrongIsNamed(_ case: Case) { `case`.check() }
    @Test(arguments: values) func aValueThatIsWrongIsNamed(_ case: Case) { `case`.check() }
    @Test(arguments: topics) func topicsMustBeLegalAndDiffer(_ case: Case) { `case`.check() }

    static let syntax: [Case] = [
        Case("nothing", "", "w.yaml:1:1: the file is empty"),
        Case("only a comment", "# nothing\n", "w.yaml:1:1: the file is empty"),
        Case("a list", "- a\n", "w.yaml:1:1: the file must be a mapping (`key: value`), not a list"),
        Case("a text", "hello\n", "w.yaml:1:1: the file must be a mapping (`key: value`), not a single value"),
        Case("open quote", "a: \"b\n", "w.yaml:2:1: not YAML: found unexpected end of stream"),
        Case("open bracket", "a: [b\nc: d\n", "w.yaml:2:2: not YAML: "),
        Case("a tab", "kafka:\n\tbootstrap.servers: x\n", "w.yaml:2:1: a tab in the indentation: YAML wants spaces"),
        Case("a tab after spaces", "kafka:\n  \tx: x\n", "w.yaml:2:3: a tab in the indentation"),
        Case("bad indentation", "a:\n    b: 1\n  c: 2\n", "w.yaml:3:3: not YAML: did not find expected key"),
        Case("a control character", "a: b\nc: \u{1}\n", "w.yaml:2:4: control characters are not allowed"),
        Case("a second document", minimal("---\na: b"), "w.yaml:9:1: a second document begins here"),
        Case("no such anchor", "a: *b\n", "w.yaml:1:4: no anchor `&b` ends before this alias"),
        Case("an anchor in itself", "a: &b [*b]\n", "w.yaml:1:8: no anchor `&b` ends before this alias"),
        Case("a tag", minimal("data: !path x"), "w.yaml:9:7: YAML tags (`!…`) are not supported"),
        Case("a merge key", minimal("<<: {data: x}"), "w.yaml:9:1: merge keys (`<<`) are not supported"),
        Case("a list as key", minimal("[a]: x"), "w.yaml:9:1: a key must be a single word, not a list"),
    ]

    static let keys: [Case] = [
        Case(
            "a misspelt key", minimal("grup: x"),
            "w.yaml:9:1: unknown key `grup` (did you mean `group`?)"),
        Case("a key that nothing reads", minimal("workers: 2"), "w.yaml:9:1: unknown key `workers`"),
        Case(
            "another spelling", minimal("topics: {dead_letters: x}"),
            "w.yaml:9:10: unknown key `dead_letters` in `topics` (did you mean `deadLetters`?)"),
        Case(
            "a key of elsewhere", minimal("skew: 1m"),
            "w.yaml:9:1: unknown key `skew` (did you mean `conversion.skew`?)"),
        Case(
            "a key of later", minimal("topics: {journal: x}"),
            "w.yaml:9:10: unknown key `journal` in `topics`: known are"),
        Case("own event shapes", minimal("events: {order.placed: x}"), "w.yaml:9:10: unknown key `order.placed`"),
        Case(
            "a policy's key", minimal(policy: "opens_on: [offer.created]"),
            "w.yaml:8:5: unknown key `opens_on` in `policies[0]` (did you mean `opensOn`?)"),
        Case(
            "a key given twice", minimal("data: a\ndata: b"), "w.yaml:10:1: key `data` is given twice, first in line 9"),
        Case("a section without content", minimal("clock:"), "w.yaml:9:7: `clock` has nothing in it"),
        Case("a section that is a value", minimal("clock: 5s"), "w.yaml:9:8: `clock` must be a mapping"),
        Case("no value", minimal("data:"), "w.yaml:9:6: `data` has no value"),
        Case(
            "everything missing", "data: x\n",
            "w.yaml:1:1: `kafka` is missing", "w.yaml:1:1: `templates` is missing", "w.yaml:1:1: `policies` is missing"),
        Case(
            "no brokers", minimal().replacing("{bootstrap.servers: localhost:9092}", with: "{client.id: x}"),
            "w.yaml:1:1: `bootstrap.servers` is missing"),
        Case(
            "all at once", minimal("identity: 0\ndata: []\nclock: {lateness: 5}"),
            "w.yaml:9:11: `identity` must be", "w.yaml:10:7: `data` must be a directory, not a list",
            "w.yaml:11:19: `lateness`: `5` has no unit"),
    ]

    static let values: [Case] = [
        Case(
            "identity", minimal("identity: mail"),
            "w.yaml:9:11: `identity` must be `prospect` or `email`, not `mail` (did you mean `email`?)"),
        Case(
            "unknown events", minimal("events: {unknown: deny}"),
            "w.yaml:9:19: `unknown` must be `ignore` or `refuse`, not `deny`"),
        Case("a group with a space", minimal("group: my group"), "w.yaml:9:8: `my group` is no name"),
        Case("an empty text", minimal("data: ''"), "w.yaml:9:7: `data` is empty"),
        Case("a control character", minimal("data: \"a\\nb\""), "w.yaml:9:7: `data` has a control character"),
        Case(
            "too old a sample", minimal("clock: {maxAge: 11s}"),
            "w.yaml:9:17: `maxAge` must be from 1s to 10s, not `11s`"),
        Case("too small a gap", minimal("clock: {maxGap: 1d}"), "w.yaml:9:17: `maxGap` must be from 2d to 3660d"),
        Case(
            "too slow ticks", minimal("clock: {interval: 10s}"),
            "w.yaml:9:19: `clock.interval` (10s) must be shorter than `clock.maxAge` (10s)"),
        Case("skew", minimal("conversion: {skew: -1m}"), "w.yaml:9:20: `skew`: `-1m` is negative"),
        Case("commit", minimal("commit: {interval: 0s}"), "w.yaml:9:20: `interval` must be from 1ms to 5s, not `0s`"),
        Case(
            "snapshots", minimal("snapshots: {every: 64MB}"),
            "w.yaml:9:20: `every` must be an amount such as `64MiB`, from 64KiB to 64GiB, not `64MB` "
                + "(did you mean `64MiB`?)"),
        Case(
            "a Boolean of old", minimal(policy: "enabled: yes"),
            "w.yaml:8:14: `enabled` must be true or false, not `yes` (did you mean `true`?)"),
    ]

    static let topics: [Case] = [
        Case("an illegal name", minimal("topics: {events: [a, 'b c']}"), "w.yaml:9:22: `b c` is no name"),
        Case("a dot", minimal("topics: {events: .}"), "w.yaml:9:18: a topic cannot be named `.`"),
        Case("Kafka's own", minimal("topics: {events: __consumer_offsets}"), "w.yaml:9:18: `__consumer_offsets` is"),
        Case("none", minimal("topics: {events: []}"), "w.yaml:9:18: `events` is empty: name at least one topic"),
        Case("one twice", minimal("topics: {events: [a, a]}"), "w.yaml:9:22: `a` is listed twice"),
        Case(
            "reminders into events", minimal("topics: {events: [a, b], reminders: b}"),
            "w.yaml:9:37: reminders cannot go to `b`, which events are read from"),
        Case(
            "events from the default of reminders", minimal("topics: {events: send-reminder}"),
            "w.yaml:9:18: reminders cannot go to `send-reminder`"),
        Case(
            "dead letters into events", minimal("topics: {events: a, deadLetters: a}"),
            "w.yaml:9:34: dead letters cannot go to `a`, which events are read from"),
        Case(
            "dead letters into reminders", minimal("topics: {reminders: a, deadLetters: a}"),
            "w.yaml:9:37: dead letters cannot go to `a`, where mail workers expect reminders"),
        Case(
            "leads into events", minimal("topics: {events: a, leads: a}"),
            "w.yaml:9:28: what happens to leads cannot go to `a`, which events are read from: use a topic of its own"),
        Case(
            "leads into reminders", minimal("topics: {reminders: a, leads: a}"),
            "w.yaml:9:31: what happens to leads cannot go to `a`, where reminders are expected"),
        Case(
            "leads into dead letters", minimal("topics: {deadLetters: a, leads: a}"),
            "w.yaml:9:33: what happens to leads cannot go to `a`, where dead letters are expected"),
        Case(
            "too long", minimal("topics: {events: \(String(repeating: "x", count: 250))}"),
            "w.yaml:9:18: `events` is longer than 249 bytes"),
    ]

    @Test func aMissingFileIsAMistake() throws {
        do throws(ConfigurationError) {
            _ = try Configuration.load(path: "/nowhere/w.yaml")
            Issue.record("was accepted")
        } catch {
            #expect(
                error.description.hasPrefix("/nowhere/w.yaml: cannot read the configuration: No such file or directory")
            )
            #expect(error.mistakes[0].code == .unreadable)
        }
    }

    @Test func bytesThatAreNoTextAreRefusedWithTheirPlace() throws {
        try withDirectory { directory in
            let file = directory.appendingPathComponent("w.yaml").path
            try #require(
                Array("a: b\nc: ".utf8 + [0xff, 0xfe, 0x0a]).withUnsafeBytes { bytes in
                    writeFile(file, Array(bytes))
                })
            do throws(ConfigurationError) {
                _ = try Configuration.load(path: file)
                Issue.record("was accepted")
            } catch {
                #expect(error.description.contains("w.yaml:2:4: invalid leading UTF-8 octet"))
            }
        }
    }

    @Test func aliasesCannotMakeAFileHuge() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            text +=
                "a\(level): &a\(level) [" + [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        #expect(mistakes(text).last?.contains("more than 100000 values, aliases included") == true)
    }

    @Test func aMistakeThatAnAliasRepeatsIsReportedOnce() {
        let text = """
            kafka: {bootstrap.servers: localhost}
            templates: [a]
            policies:
              - {name: p, opensOn: offer.created, convertsOn: [], steps: &steps [{after: 1, template: a}]}
              - {name: q, opensOn: offer.created, convertsOn: [], steps: *steps}
            """
        #expect(mistakes(text).count == 1)
    }

    /// Whatever stands in the file, reading it ends, and ends with a configuration or with mistakes in the file.
    @Test(arguments: [UInt64.random(in: 0 ... .max)])
    func aBrokenFileNeverStopsTheProgram(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = Array("{}[]:,-&*!|>'\"%@`#? \n\t~$\\/0a".utf8) + [0x00, 0x80, 0xc3, 0xff]
        for _ in 0..<500 {
            var bytes = Array(ExampleTests.text.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let start = Int.random(in: 0..<bytes.count, using: &generator)
                let end = min(bytes.count, start + Int.random(in: 0...4, using: &generator))
                let piece = pieces[Int.random(in: 0..<pieces.count, using: &generator)]
                bytes.replaceSubrange(start..<end, with: [piece])
            }
            do throws(ConfigurationError) {
                _ = try Configuration.parse(text: String(decoding: bytes, as: UTF8.self))
            } catch {
                #expect(!error.mistakes.isEmpty, "seed \(seed)")
                #expect(error.mistakes.allSatisfy { $0.line > 0 && $0.column > 0 }, "seed \(seed)")
            }
        }
    }

    @Test func deepNestingIsRefused() {
        let text = "a: " + String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        #expect(mistakes(text).first?.contains("nested more than 32 deep") == true)
    }

    @Test func mistakesBeyondTheBoundAreCounted() {
        let text = (0..<600).map { "key-\($0): x" }.joined(separator: "\n") + "\n" + minimal()
        let printed = mistakes(text)
        #expect(printed.count == 501)
        #expect(printed.last == "and 100 more")
    }
}
