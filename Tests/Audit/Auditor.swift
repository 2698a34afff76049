import Journal
import Journey

@testable import Audit

/// Asks as an auditor does, of a journal whose engine has stopped cleanly.
extension AuditHarness {
    static let ann = PersonQuestion.prospect(id: "ann", tenant: "academy")

    func histories(
        _ question: PersonQuestion = AuditHarness.ann, asOf: Instant? = nil, pending: Bool = false, stops: Bool = true
    ) throws -> [ProspectHistory] {
        if stops { try stop() }
        let source = try source()
        return try PersonFinder(source, question, pending: pending).find().found.map {
            try HistoryReader.read(source, $0, asOf: asOf ?? .distantFuture, pending: pending)
        }.filter { !$0.entries.isEmpty }
    }

    func explanations(
        _ question: PersonQuestion = AuditHarness.ann, asOf: Instant? = nil, pending: Bool = false, stops: Bool = true
    ) throws -> [Explanation] {
        let histories = try histories(question, asOf: asOf, pending: pending, stops: stops)
        let source = try source()
        return histories.map { Explainer.explain($0, source, asOf: asOf, question: question) }
    }
}
