import Configuration
import Engine
import Journal

extension Simulation {
    /// The oracle's judgement of a run, from what it left behind.
    func judge(
        _ cluster: SimulatedCluster, _ upstream: Upstream, _ disk: any FileSystem, _ end: Int64,
        _ report: inout Report
    ) throws {
        let sent = cluster.read("send-reminder")
        let letters = cluster.read("checkout-events.dead-letters")
        let published = sent.compactMap {
            Evidence.Published($0.record.value ?? [], appended: $0.record.appended)
        }
        if published.count != sent.count { report.violations.append("a reminder can't be read") }
        let messages = (0..<plan.settings.partitions).map(upstream.visible)
        report.events = messages.reduce(0) { $0 + $1.count }
        report.reminders = sent.count
        report.deadLetters = letters.count
        report.digest = (sent + letters).map { String(decoding: $0.record.value ?? [], as: UTF8.self) }
            .joined(separator: "\n")
        guard report.violations.isEmpty else { return }
        var texts: [String: PlainConfiguration] = [:]
        for plain in [plan.configuration, plan.change].compactMap({ $0 }) {
            texts[try Configuration.parse(text: plain.yaml).canonicalPolicyText] = plain
        }
        var evidence = Evidence(
            messages: messages, published: published, deadLetters: letters.map { $0.record.origin }, disk: disk,
            maximumDuePerTick: plan.maximumDuePerTick,
            calmSince: end - 26 * PlainPolicy.hour, migratesTo: plan.migrates ? plan.change : nil, texts: texts)
        plan.forges?(&evidence)
        var oracle = Oracle(evidence: evidence)
        oracle.judge()
        report.violations += oracle.violations
        report.met = oracle.met
        report.published = published
        report.words = oracle.words
        if report.violations.isEmpty {
            for partition in 0..<plan.settings.partitions {
                let check = try DestructionCheck(data: "/simulated", partition: partition, on: disk)
                report.violations += check.violations
                report.destroyedRecords += check.destroyed
            }
        }
        if report.violations.isEmpty {
            let replay = Replay(evidence: evidence, seed: plan.seed)
            report.violations += try replay.differences(
                from: oracle.stories, sent.map { $0.record.value ?? [] } + letters.map { $0.record.value ?? [] })
            report.violations += try Redecision.differences(
                DataDirectory.openForReading("/simulated", fileSystem: disk), partitions: plan.settings.partitions,
                commandSource: try Configuration.parse(text: plan.configuration.yaml).commandSource,
                maximumDuePerTick: plan.maximumDuePerTick, published: sent.count)
        }
        for story in plan.stories where report.violations.contains(where: { $0.contains(" \(story.prospect)-") }) {
            report.accounts.append(["what the journal says of \(story.prospect):"] + oracle.account(of: story.prospect))
        }
    }
}

extension SimulatedCluster.Record {
    /// Partition and offset of the message that a dead letter was.
    fileprivate var origin: String {
        func header(_ name: String) -> String {
            let found = headers.first { String(decoding: $0.name, as: UTF8.self) == "__connect.errors.\(name)" }
            return String(decoding: found?.value ?? [], as: UTF8.self)
        }
        return "\(header("partition"))/\(header("offset"))"
    }
}
