import Configuration
import Testing

@Suite("mistakes in scenarios") struct ScenarioMistakeTests {
    private func mistakes(_ text: String) -> [String] {
        do {
            _ = try Scenario.parse(text: text, file: "my.yaml")
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }

    @Test(arguments: [
        ("cases: []\nconfg: a.yaml", "my.yaml:2:1: unknown key `confg`"),
        ("config: a.yaml", "my.yaml:1:1: `cases` is missing"),
        ("cases: [{name: a, given: [], then: []}]", "my.yaml:1:9: `when` is missing: say how much time passes"),
        ("cases: [{name: a, given: [], when: 3, then: []}]", "my.yaml:1:36: `when`: `3` has no unit"),
        ("cases: [{name: a, given: [], when: 3d}]", "my.yaml:1:9: `then` is missing"),
        (
            "cases: [{name: a, start: noon, given: [], when: 3d, then: []}]",
            "my.yaml:1:26: `start` must be a time such as"
        ),
        (
            "cases: [{name: a, given: [{at: 4d, type: offer.created}], when: 3d, then: []}]",
            "my.yaml:1:27: the event arrives 4d after the start, and only 3d pass"
        ),
        ("cases: [{name: a, given: [{type: b}], when: 3d, then: []}]", "my.yaml:1:27: `at` is missing"),
        (
            "cases: [{name: a, given: [{at: 1d, type: offer.creted}], when: 3d, then: []}]",
            "my.yaml:1:42: no event type is named `offer.creted`: events of it would be ignored (did you mean `offer.created`?)"
        ),
        (
            "cases: [{name: a, given: [{at: 1d, type: b, mail: c}], when: 3d, then: []}]",
            "my.yaml:1:45: unknown key `mail` in `given[0]` (did you mean `email`?)"
        ),
        (
            "cases: [{name: a, given: [], when: 3d, then: [{at: 1h, templat: b}]}]",
            "my.yaml:1:56: unknown key `templat` in `then[0]` (did you mean `template`?)"
        ),
    ])
    func eachIsNamedWithItsPlace(text: String, expected: String) {
        let found = mistakes(text)
        #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
    }

    @Test func aFileThatIsNotThereIsNamed() {
        #expect {
            _ = try Scenario.load(path: "/no/such/file.yaml")
        } throws: { error in
            "\(error)" == "/no/such/file.yaml: cannot read the scenario: No such file or directory"
        }
    }
}
