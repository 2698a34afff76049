import Journal
import Journey

/// What the choices are, in words and numbers.
extension Recovery {
    /// A diagnosis tells of so many partitions one by one; of the others, how many they are.
    private static let shownPartitions = 8

    func offerWays(_ diagnosis: inout Diagnosis) {
        let shards = diagnosis.shards
        let resumptions = shards.compactMap(\.resumption)
        if let plan = diagnosis.rebuild {
            diagnosis.choices.append(rebuildChoice(plan, shards))
            diagnosis.advice.append(
                """
                A backup of the data directory that goes with the committed offsets is better than any choice: stop here, put \
                it in the place of \(configuration.data), and start again with `winback run`.
                """)
            return
        }
        let effects = resumeEffects(shards)
        let loses = resumptions.contains(where: \.losesEvents)
        diagnosis.choices.append(
            Diagnosis.Choice(
                name: .resume, summary: "Go on where the journal stands.",
                effects: effects + (loses ? [purchases(resumptions)] : [])))
        guard loses else { return }
        let waiting = shards.filter { $0.resumption?.losesEvents ?? false }.reduce(0) { $0 + $1.forecast.waiting }
        diagnosis.choices.append(
            Diagnosis.Choice(
                name: .resumeAndWithhold,
                summary: "The same, but nobody whose purchase may be among the lost events is reminded.",
                effects: effects + [
                    .init(
                        "withheld",
                        "all reminders of the \(waiting) journeys that wait in the partitions that have lost events; "
                            + "journeys that open from now on are reminded")
                ]))
    }

    private func resumeEffects(_ shards: [ShardCase]) -> [Diagnosis.Effect] {
        let cases = shards.filter { $0.resumption != nil }
        let resumptions = cases.compactMap(\.resumption)
        var effects = cases.prefix(Self.shownPartitions).map(place)
        if cases.count > effects.count {
            effects.append(.init("others", "\(cases.count - effects.count) more partitions, likewise"))
        }
        let tails = resumptions.map(\.tail)
        func sum(_ number: (TailEnd) -> Int) -> Int { tails.reduce(0) { $0 + number($1) } }
        let (sent, unsent, unknown) = (sum(\.sent), sum(\.unsent), sum(\.unknown))
        let topic = configuration.topics.reminders
        if sent + unsent + unknown > 0 {
            effects.append(
                .init(
                    "last commands",
                    "\(sent) were found in \(topic) and count as sent; \(unsent) are not there and are decided anew")
            )
        }
        if unknown > 0 {
            effects.append(
                .init(
                    "withheld",
                    "\(unknown) of which \(topic) can't tell any more: they count as sent, and none is sent twice"))
        }
        let events = cases.reduce(Int64(0)) { sum, shard in
            sum + zip(shard.ends, shard.resumption?.offsets ?? []).reduce(0) { $0 + max(0, $1.0 - $1.1) }
        }
        effects.append(.init("events", "\(events) offsets are to be read"))
        return effects + forecast(cases)
    }

    private func place(_ shard: ShardCase) -> Diagnosis.Effect {
        .init("partition \(shard.partition)", places(shard.resumption).joined(separator: "; "))
    }

    private func places(_ resumption: Resumption?) -> [String] {
        zip(topics, resumption?.places ?? []).map { topic, place in
            var text = "\(topic) from offset \(place.offset)"
            if place.lost > 0 { text += ", \(place.lost) offsets before it were deleted unread" }
            if place.isAnother {
                text +=
                    ", which is not the topic that was read: it was made anew or restored, so what it holds from there "
                    + "is read, and what was folded already changes nothing"
            }
            return text
        }
    }

    private func purchases(_ resumptions: [Resumption]) -> Diagnosis.Effect {
        let lost = resumptions.flatMap(\.places).reduce(0) { $0 + $1.lost }
        let what =
            lost > 0
            ? "up to \(lost) events" : "events that the old topic held and that were not read, if there were any"
        return .init(
            "lost", "\(what). Purchases and opt-outs may be among them: who waits may be reminded although they bought")
    }

    private func forecast(_ shards: [ShardCase]) -> [Diagnosis.Effect] {
        let forecasts = shards.map(\.forecast)
        func sum(_ number: (Forecast) -> Int) -> Int { forecasts.reduce(0) { $0 + number($1) } }
        let late = sum { $0.skipped[.tooLate] ?? 0 }
        let others = sum { $0.skipped.values.reduce(0, +) } - late
        var effects = [
            Diagnosis.Effect(
                "waiting",
                "\(sum(\.waiting)) journeys; \(sum(\.reminders)) reminders are due by now and are sent, unless events that "
                    + "are read first end them")
        ]
        if late + others > 0 {
            effects.append(
                .init("skipped", "\(late) reminders that are later than their steps allow, \(others) for other reasons")
            )
        }
        if sum(\.expired) > 0 { effects.append(.init("expired", "\(sum(\.expired)) leads, for their age")) }
        return effects
    }

    func offerClock(_ gap: Span, _ diagnosis: inout Diagnosis) {
        let days = gap.milliseconds / Span.days(1).milliseconds
        diagnosis.findings.append(
            .init(
                partition: nil, code: EngineError.Code.clockGap.rawValue,
                message:
                    "The wall clock is \(days) days after the last tick. A clock that is wrong by months would expire "
                    + "every lead, so no reminder is sent and nothing expires until somebody has looked at it."))
        diagnosis.choices.append(
            Diagnosis.Choice(
                name: .acceptClock,
                summary: "The wall clock is right: the engine was away for so long. As `winback run --accept-clock`.",
                effects: forecast(diagnosis.shards)))
        diagnosis.advice.append("If the clock is wrong, set it, and start again with `winback run`.")
    }

    private func rebuildChoice(_ plan: RebuildPlan, _ shards: [ShardCase]) -> Diagnosis.Choice {
        let rebuilt = shards.filter(\.isRebuilt)
        let (kept, anew) = (rebuilt.filter { $0.base != nil }, rebuilt.filter { $0.base == nil })
        var effects = kept.prefix(Self.shownPartitions).map { shard in
            Diagnosis.Effect(
                "partition \(shard.partition)",
                "its journal is kept up to position \(shard.base?.tail.head.position ?? 0); "
                    + places(shard.base).joined(separator: "; "))
        }
        if kept.count > effects.count {
            effects.append(.init("others", "\(kept.count - effects.count) more partitions, likewise"))
        }
        if !anew.isEmpty {
            effects.append(
                .init(
                    "begun anew",
                    "partitions \(anew.map { "\($0.partition)" }.joined(separator: ", ")); what there is of their files is "
                        + "moved to a folder \(DataDirectory.asideName(now.milliseconds)) in \(configuration.data), which holds personal data: delete it once "
                        + "all is well"))
        }
        let events = rebuilt.reduce(Int64(0)) { sum, shard in
            sum + zip(shard.ends, shard.base?.offsets ?? shard.beginnings).reduce(0) { $0 + max(0, $1.0 - $1.1) }
        }
        effects.append(.init("events", "\(events) offsets are to be read, again or for the first time"))
        effects.append(
            .init(
                "sent already",
                "\(plan.found.count) commands are in \(configuration.topics.reminders): none of them is sent again"))
        if !anew.isEmpty { effects.append(.init("openings", openings(plan))) }
        let deleted = anew.reduce(Int64(0)) { $0 + $1.beginnings.reduce(0, +) }
        if deleted > 0 {
            effects.append(
                .init(
                    "lost",
                    "\(deleted) offsets that the topics do not hold any more: opt-outs, purchases and journeys from then are "
                        + "not known"))
        }
        if plan.unknownUpTo > .distantPast {
            effects.append(
                .init(
                    "withheld",
                    "reminders that may have been sent up to \(plan.unknownUpTo.text), of which "
                        + "\(configuration.topics.reminders) holds nothing any more"))
        }
        effects.append(
            .init("dead letters", "messages that are refused go to \(configuration.topics.deadLetters) once more"))
        if let leads = configuration.topics.leads {
            effects.append(
                .init("leads", "what happened to leads is published once more to \(leads), with the same ids"))
        }
        if shards.contains(where: { $0.resumption != nil }) { effects += resumeEffects(shards) }
        return Diagnosis.Choice(
            name: .rebuild,
            summary: "Read what the journal lacks from the events that the topics still hold, and send nothing again.",
            effects: effects)
    }

    private func openings(_ plan: RebuildPlan) -> String {
        let since = "policies act on openings from \(plan.since.text) on"
        switch plan.source {
        case .journal: return "\(since), as what is left of the journals says"
        case .given: return "\(since), as --since says"
        case .commands: return "\(since), when the first journey opened that a reminder was sent for; --since sets it"
        case .nothing:
            return
                "\(since), because nothing tells when they were first used: nobody who waits is reminded, unless --since "
                + "says from when"
        }
    }

    /// What helps where nothing can be chosen.
    static func advice(_ code: EngineError.Code) -> String? {
        switch code {
        case .partitionCountChanged:
            """
            Partitions can't be taken away again, and with another count every key lies elsewhere. Make a new topic with the \
            count that you want, let all services publish to it, and run Winback on it with a new data directory and a new \
            group. To carry over who waits, publish the events of the last days to the new topic, too, and set `backfill`: \
            journeys have the same ids there, so a mail worker that remembers ids sends nothing twice.
            """
        case .topicsChanged:
            """
            Put the list of topics back as it was. To read other topics, use a new data directory and a new group: `backfill` \
            says how far back the policies may reach there.
            """
        case .journalBehind, .journalDiverged, .offsetsRestored, .groupReset, .offsetsForgotten, .offsetOutOfRange,
            .topicMissing, .topicsUnequal, .otherInstance, .assignmentIncomplete, .fenced, .clockGap, .diskFull,
            .configurationOlder, .rebuildInterrupted, .tooManyCommands:
            nil
        }
    }
}
