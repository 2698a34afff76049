import Audit
import Engine
import Foundation
import Journal
import Terminal

/// What a verification has found, for people and for programs.
struct VerificationReport {
    let shards: [JournalVerification.Shard]
    let expected: Set<FrameHash>

    private var missing: [FrameHash] {
        expected.filter { hash in !shards.contains { $0.found[hash] != nil } }.sorted { "\($0)" < "\($1)" }
    }

    var isSound: Bool { shards.allSatisfy(\.isSound) && missing.isEmpty }

    func write() {
        let screen = Screen.output
        for shard in shards { write(shard, screen) }
        for (hash, found) in expected.sorted(by: { "\($0)" < "\($1)" }).map({ hash in
            (hash, shards.first { $0.found[hash] != nil })
        }) {
            if let found, let position = found.found[hash] {
                screen.line(
                    "expected  \(hash.description.prefix(16))… ends at position \(position) of partition \(found.partition): "
                        + "nothing before it has been changed")
            } else {
                screen.line(
                    screen.styled("expected", .red)
                        + "  \(hash.description.prefix(16))… is the hash of no frame: what it stood for has been changed or cut, "
                        + "or it is of another journal")
            }
        }
        let frames = shards.reduce(0) { $0 + $1.stretches.reduce(0) { $0 + $1.frames } }
        let facts = shards.reduce(0) { $0 + $1.facts }
        screen.line(
            isSound
                ? screen.styled("Sound:", .green)
                    + " \(NumberText.grouped(Int64(frames))) frames and \(NumberText.grouped(Int64(facts))) facts of "
                    + "\(shards.count) \(shards.count == 1 ? "partition" : "partitions") are as they were written."
                : screen.styled("Not sound:", .red) + " see above what is damaged and what is still trustworthy.")
    }

    private func write(_ shard: JournalVerification.Shard, _ screen: Screen) {
        let frames = shard.stretches.reduce(0) { $0 + $1.frames }
        var line = "partition \(shard.partition): \(NumberText.grouped(Int64(frames))) frames"
        if shard.facts > 0 {
            line +=
                ", \(NumberText.grouped(Int64(shard.events))) events, \(NumberText.grouped(Int64(shard.facts))) facts"
        }
        line += ", \(NumberText.grouped(Int64(shard.intactRecords))) personal records"
        if shard.destroyedRecords > 0 {
            line += " and \(NumberText.grouped(Int64(shard.destroyedRecords))) destroyed ones"
        }
        screen.line(line)
        if shard.damages.isEmpty {
            screen.line("  committed up to position \(shard.head.position), hash \(shard.head.hash)")
            if shard.pendingBytes > 0 {
                screen.line("  \(NumberText.bytes(Int64(shard.pendingBytes))) behind it are not known to be committed")
            }
        }
        for damage in shard.damages { screen.line("  " + screen.styled("damaged", .red) + " \(damage)") }
        if !shard.damages.isEmpty { writeTrustworthy(shard, screen) }
        if shard.indexes + shard.missingIndexes > 0 {
            var line = "  \(shard.indexes) indexes of finished segments follow from them"
            if shard.missingIndexes > 0 { line += "; \(shard.missingIndexes) segments have none yet" }
            screen.line(line)
        }
        for first in shard.wrongIndexes {
            screen.line(
                "  index \(first): " + screen.styled("WRONG", .red)
                    + ": it does not follow from its segment. Remove it: the engine makes it anew")
        }
        for snapshot in shard.snapshots { screen.line("  snapshot \(snapshot.position): \(words(snapshot))") }
    }

    private func writeTrustworthy(_ shard: JournalVerification.Shard, _ screen: Screen) {
        for (index, stretch) in shard.stretches.enumerated() {
            var line = "  trustworthy: positions \(stretch.positions.lowerBound) to \(stretch.positions.upperBound), "
            line += "\(NumberText.grouped(Int64(stretch.frames))) frames"
            if let clock = stretch.clock { line += ", to the tick of \(TimeText.utc(clock.milliseconds))" }
            if index > 0 { line += "; each follows the one before, but not what is before the damage" }
            screen.line(line)
        }
        if shard.stretches.isEmpty { screen.line("  trustworthy: nothing") }
    }

    private func words(_ snapshot: JournalVerification.Snapshot) -> String {
        switch snapshot.verdict {
        case .proved(let prospects): "proved, \(NumberText.grouped(Int64(prospects))) prospects"
        case .otherVersion(let reason): "not used by this version (\(reason))"
        case .refuted(let reason): "WRONG: \(reason). Remove it: the journal holds everything"
        case .damaged(let reason): "DAMAGED: \(reason)"
        case nil: "not proved: frames that it stands for were not read or are damaged"
        }
    }

    func writeJSON() {
        let object: [String: Any] = [
            "sound": isSound,
            "expectedMissing": missing.map { "\($0)" },
            "partitions": shards.map { shard in
                [
                    "partition": Int(shard.partition), "position": shard.head.position, "hash": "\(shard.head.hash)",
                    "pendingBytes": shard.pendingBytes, "events": shard.events, "facts": shard.facts,
                    "personalRecords": shard.intactRecords, "destroyedRecords": shard.destroyedRecords,
                    "damages": shard.damages,
                    "expectedFound": Dictionary(uniqueKeysWithValues: shard.found.map { ("\($0.key)", $0.value) }),
                    "trustworthy": shard.stretches.map { stretch in
                        [
                            "from": stretch.positions.lowerBound, "to": stretch.positions.upperBound,
                            "frames": stretch.frames,
                            "clock": stretch.clock.map { TimeText.utc($0.milliseconds) } as Any,
                        ]
                    },
                    "snapshots": shard.snapshots.map { ["position": $0.position, "verdict": words($0)] },
                ]
            },
        ]
        let data = try? JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
        Screen.output.line(String(decoding: data ?? Data(), as: UTF8.self))
    }
}
