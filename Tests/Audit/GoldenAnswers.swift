import Foundation
import Journal
import Journey
import Leads
import Records

@testable import Audit
@testable import Engine

/// What today's program reads from a data directory, as text: frames and records, state, leads, commands, and what is verified.
struct GoldenAnswers {
    let source: AuditSource
    private var path: String { source.directory.shardPath(0) }

    func text() throws -> String {
        var lines = ["frames"]
        lines += try frames()
        lines += ["", "state"]
        lines += try state()
        lines += ["", "leads"]
        lines += try leads()
        lines += ["", "verified"]
        lines += try verified()
        return lines.map { $0 + "\n" }.joined()
    }

    private func frames() throws -> [String] {
        var lines: [String] = []
        let reader = try JournalReader(directory: path, fileSystem: source.fileSystem)
        while let frame = try reader.next() {
            var records = try RecordReader(frame.body, position: frame.position)
            lines.append(
                "\(frame.position) version \(frame.body[0]), clock \(time(records.clock)), confirmed \(frame.confirmed.position)"
            )
            try frame.forEachPersonal { record in
                lines.append("  personal \(record.position) \(record.bytes.map(printable) ?? "destroyed")")
            }
            while let record = try records.next() { lines.append("  " + line(record)) }
        }
        return lines
    }

    private func printable(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.map { (32..<127).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }

    private func line(_ record: Record) -> String {
        switch record {
        case .input(let input):
            "input \(input.type.name) \(key(input.prospect)) at \(time(input.time)) topic \(input.topic) offset \(input.offset) "
                + "record \(input.details.record.rawValue) fields \(input.details.fields)"
        case .fact(let fact): "fact \(name(fact))"
        case .refused(let place, let reason): "refused \(place.topic) \(place.offset) \(reason)"
        case .tombstone(let place): "tombstone \(place.topic) \(place.offset)"
        case .unknownType(let place): "unknown \(place.topic) \(place.offset)"
        case .tick(let clock): "tick \(time(clock))"
        case .timer(let prospect): "timer \(key(prospect))"
        case .migration(let prospect): "migration \(key(prospect))"
        case .match(let prospect): "match \(key(prospect))"
        case .activation(let at, let text): "activation \(time(at)) \(String(decoding: text, as: UTF8.self))"
        case .intervention(let kind, let at): "intervention \(kind.rawValue) \(time(at))"
        case .found(let found): "found \(found.journey.rawValue) step \(found.step) \(time(found.emitted))"
        case .command(let digest): "command \(hex(digest.high))\(hex(digest.low))"
        case .address(let hash): "address \(hex(hash))"
        case .destroyed(let prospect, let before, let at):
            "destroyed \(key(prospect)) before \(before.rawValue) at \(time(at))"
        }
    }

    private func name(_ fact: Fact) -> String {
        switch fact {
        case .opened(let opening):
            "opened \(hex(opening.journey.high))\(hex(opening.journey.low)) policy \(opening.policy.rawValue) scope "
                + "\(opening.scope.rawValue) at \(time(opening.at)) record \(opening.details.record.rawValue)"
        case .reminderRequested(let journey, let step, let due, let emitted):
            "reminder requested \(hex(journey.rawValue)) step \(step) due \(time(due)) emitted \(time(emitted))"
        case .migrated(let journey, let to): "migrated \(hex(journey.rawValue)) to \(to.rawValue)"
        case .converted(let journey, let at, let step): "converted \(hex(journey.rawValue)) \(time(at)) after \(step)"
        case .detailsRefreshed(let journey, let details, let at):
            "details refreshed \(hex(journey.rawValue)) record \(details.record.rawValue) at \(time(at))"
        case .ignored(let reason, _): "ignored \(reason.name)"
        default: Mirror(reflecting: fact).children.first?.label ?? "\(fact)"
        }
    }

    private func state() throws -> [String] {
        let state = try JournalState(source.directory, partition: 0)
        var lines: [String] = []
        state.visitProspects { prospect, state, _ in
            lines.append(
                "\(key(prospect)) contact \(state.contact.record.rawValue) consent \(state.consent.rawValue) suppressed "
                    + "\(state.suppression.isActive) erased \(time(state.erasedAt)) memories \(state.memories.count)")
            for journey in state.journeys {
                lines.append(
                    "  \(hex(journey.reference.rawValue)) policy \(journey.policy.rawValue) \(journey.status) opened "
                        + "\(time(journey.openedAt)) active \(time(journey.activityAt)) next step \(journey.nextStep) "
                        + "record \(journey.details.record.rawValue) opening \(journey.opening.rawValue)")
            }
        }
        // A prospect's lines begin without a blank, and its journeys follow it.
        let groups = lines.reduce(into: [[String]]()) { groups, line in
            if line.hasPrefix(" ") { groups[groups.count - 1].append(line) } else { groups.append([line]) }
        }
        return groups.sorted { $0[0] < $1[0] }.flatMap { $0 } + ["clock \(time(state.clock))"]
    }

    private func leads() throws -> [String] {
        try LeadsTable(path: source.directory.path, fileSystem: source.fileSystem).leads(LeadFilter()).map {
            "\($0.email) \($0.tenant) \($0.prospectID) \($0.product) \($0.policy) v\($0.policyVersion) \($0.status.rawValue) "
                + "\($0.stepsDone)/\($0.steps) next \($0.nextReminderAt.map(time) ?? "none") pending \($0.isPending)"
        }
    }

    private func verified() throws -> [String] {
        let head = try ShardHead.read(source, partition: 0)
        let indexes = try SegmentIndexes(directory: path, fileSystem: source.fileSystem)
        return ["head \(head.head.position) \(head.head.hash), \(head.pendingBytes) bytes pending"]
            + (try indexes.segments.map { segment in
                let finding = try indexes.verify(segment).map { "\($0)" } ?? "none"
                return "segment \(segment.first) index \(finding)"
            })
    }

    private func time(_ instant: Instant) -> String {
        instant == .distantPast ? "never" : String(instant.milliseconds)
    }
    private func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
    private func key(_ prospect: ProspectKey) -> String { hex(prospect.high) + hex(prospect.low) }
}
