import Engine
import Journal
import Journey
import RandomTestSupport
import Records
import Testing

@testable import Audit

@Suite struct JournalWalkTests {
    private let start = AuditHarness.start

    /// A history of many people in several segments, with changed policies in between.
    private func story() throws -> AuditHarness {
        let harness = try AuditHarness(segmentBytes: 1 << 16)
        var random = SeededGenerator(seed: 7)
        let types = [
            "sales-lead.created", "offer.created", "policy.issued", "checkout.started", "checkout.updated",
            "checkout.completed", "payment.pending", "contact.opted-out", "lead.cancelled",
        ]
        for round in 0..<300 {
            let at = start + .minutes(Int64(round) * 10)
            try harness.event(
                types.randomElement(using: &random)!, "p-\(Int.random(in: 0..<20, using: &random))", at: at)
            if round % 7 == 0 { try harness.tick(at) }
            if round == 150 {
                try harness.reopen(AuditHarness.policies.replacing("after: 12h", with: "after: 6h"), migrates: true)
            }
        }
        try harness.stop()
        return harness
    }

    @Test func theFramesOfSomePeopleTellAsMuchOfThemAsAllFrames() throws {
        let harness = try story()
        let walk = try JournalWalk(try harness.source(), partition: 0)
        var people: Set<ProspectKey> = []
        func records(_ step: JournalWalk.Step, of person: ProspectKey?) throws -> [String] {
            var reader = try RecordReader(step.frame.body, position: step.frame.position)
            var texts: [String] = []
            var current: ProspectKey?
            while let record = try reader.next() {
                switch record {
                case .input(let input): current = input.prospect
                case .timer(let prospect), .migration(let prospect), .match(let prospect): current = prospect
                case .activation(let at, _): texts.append("activation \(at)")
                case .tick, .refused, .tombstone, .unknownType, .intervention, .found: current = nil
                case .fact, .command, .address, .destroyed: break
                }
                if let current { people.insert(current) }
                if current != nil, current == person { texts.append("\(step.frame.position) \(record)") }
            }
            return texts
        }
        var frames = 0
        try walk.frames(pending: false) { step in
            _ = try records(step, of: nil)
            frames += 1
        }
        #expect(people.count == 20)
        for person in people {
            var all: [String] = []
            try walk.frames(pending: false) { all += try records($0, of: person) }
            var some: [String] = []
            var read = 0
            try walk.frames(of: [person], pending: false) {
                some += try records($0, of: person)
                read += 1
            }
            #expect(some == all)
            #expect(read < frames / 2)
        }
    }

    @Test func whatIsKnownOfEachPersonIsWhatTheEngineKnows() throws {
        let harness = try story()
        let source = try harness.source()
        let state = try JournalState(source.directory, partition: 0)
        var seen = 0
        try state.visitProspects { key, known, _ in
            let history = try HistoryReader.read(source, PersonFinder.Found(partition: 0, prospect: key))
            #expect(history.state == known)
            seen += 1
        }
        #expect(seen > 10)
    }
}
