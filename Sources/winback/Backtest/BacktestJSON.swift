import Audit
import Journey
import Terminal

/// The result as one JSON object, a policy on a line.
struct BacktestJSON {
    let result: BacktestResult
    let period: Range<Instant>

    var text: String {
        let limits = result.limits
        let fields = limits.unknownFields.map { JSONText.quoted($0) }.joined(separator: ",")
        return """
            {"from":\(time(period.lowerBound)),"to":\(time(period.upperBound)),"events":\(result.events),\
            "eventsInPeriod":\(result.eventsInPeriod),\
            "replay":{"recorded":\(result.check.recorded),"same":\(result.check.same),"extra":\(result.check.extra)},
            "limits":{"unknownTypes":\(limits.unknownTypes),"refused":\(limits.refused),\
            "withoutDetails":\(limits.withoutDetails),"withoutTenant":\(limits.withoutTenant),\
            "unknownFields":[\(fields)],"otherIdentity":\(limits.hasOtherIdentity),"rebuilt":\(limits.rebuilt),"unmatchedErasures":\(limits.unmatchedErasures),\
            "purchasesAfterOtherMails":\(limits.purchasesAfterOtherMails)},
            "policies":[
            \(result.policies.map(policy).joined(separator: ",\n"))
            ]}
            """
    }

    private func policy(_ policy: BacktestPolicy) -> String {
        """
        {"policy":\(JSONText.quoted(policy.name)),
         "recorded":\(side(policy.recorded)),
         "candidate":\(side(policy.candidate)),
         "people":{"mailedByBoth":\(policy.mailedByBoth),"onlyRecorded":\(policy.mailedByRecorded),\
        "onlyCandidate":\(policy.mailedByCandidate)},"mailsSaved":\(policy.mailsSaved),"mailsAdded":\(policy.mailsAdded),
         "onlyRecorded":[\(policy.recordedExamples.map(example).joined(separator: ","))],
         "onlyCandidate":[\(policy.candidateExamples.map(example).joined(separator: ","))]}
        """
    }

    private func side(_ side: BacktestSide) -> String {
        guard side.policy != nil else { return "null" }
        return """
            {"opened":\(side.opened),"sent":\(side.sent),"bought":\(side.bought),\
            "boughtUnreminded":\(side.boughtUnreminded),"boughtWithin7d":\(side.boughtWithinWeek),\
            "steps":[\(side.steps.map(step).joined(separator: ","))]}
            """
    }

    private func step(_ step: BacktestSide.Step) -> String {
        let skips = SkipReason.allCases.filter { step[$0] > 0 }
            .map { "\(JSONText.quoted($0.name)):\(step[$0])" }.joined(separator: ",")
        return """
            {"template":\(JSONText.quoted(step.template)),"sent":\(step.sent),"bought":\(step.bought),\
            "skipped":{\(skips)}}
            """
    }

    private func example(_ example: BacktestExample) -> String {
        """
        {"at":\(time(example.at)),"prospect":\(text(example.prospectID)),"email":\(text(example.email)),\
        "partition":\(example.partition),"message":\(text(example.message))}
        """
    }

    private func text(_ text: String) -> String { text.isEmpty ? "null" : JSONText.quoted(text) }

    /// `null` where the period has no bound.
    private func time(_ time: Instant) -> String {
        guard Instant.accepted.contains(time) else { return "null" }
        return JSONText.quoted(TimeText.utc(time.milliseconds, .milliseconds))
    }
}
