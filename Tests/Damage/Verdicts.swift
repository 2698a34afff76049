import DiskTestSupport
import Engine
import Foundation
import Journal
import Journey
import Synchronization

/// What comes of a damaged journal when all of it is read, and when an engine starts with it.
final class Verdicts: Sendable {
    enum Verdict: Equatable {
        case refused
        /// As many of the frames that were written, from the first on; what else was read is the same.
        case frames(Int)
        /// Something was read that was never written, or a state came of it that is not the one of its frames.
        case wrong(String)
    }

    let journal: SampleJournal
    /// The state behind so many frames, found out when it is asked for.
    private let states = Mutex<[Int: [ProspectKey: ProspectState]]>([:])

    init(_ journal: SampleJournal) { self.journal = journal }

    /// Reads the journal with every check there is, from the frame with this number on.
    func read(_ disk: MemoryDisk, from number: Int = 0) -> Verdict {
        do {
            let start = number == 0 ? JournalHead.start : journal.frames[number].before
            let reader = try JournalReader(
                directory: SampleJournal.shard, fileSystem: disk, from: start.position, hash: start.hash)
            var number = number
            var wrong: Verdict?
            while let frame = try reader.next(knownEnd: journal.end.position) {
                // A first frame of another history is only found out by the next one of this: nothing is done with what was
                // read until the end has been reached.
                if number >= journal.frames.count || !isAsWritten(frame, number) {
                    wrong = wrong ?? .wrong("the frame at \(frame.position) was not written there")
                }
                number += 1
            }
            return wrong ?? .frames(number)
        } catch {
            return .refused
        }
    }

    private func isAsWritten(_ frame: Frame, _ number: Int) -> Bool {
        let place = journal.frames[number]
        guard let segment = try? journal.disk.bytes(journal.segments[place.segment].path) else { return false }
        return frame.bytes.elementsEqual(UnsafeRawBufferPointer(rebasing: segment[place.range]))
    }

    /// Opens the journal as its one writer does, and makes the state of it as recovery does. Changes the files.
    ///
    /// - Parameter committed: what the broker is known to have committed; 0 if nothing is known.
    func start(_ disk: MemoryDisk, committed: UInt64) -> Verdict {
        do {
            let opened = try ShardJournal.open(
                directory: SampleJournal.shard, fileSystem: disk, settings: Self.settings, committedPosition: committed)
            let head = opened.head
            try opened.close()
            let count = journal.frames.firstIndex { $0.after == head }.map { $0 + 1 }
            guard let count = head == .start ? 0 : count else {
                return .wrong("the journal ends at \(head.position), where none ended")
            }
            guard try Self.state(disk) == state(behind: count) else {
                return .wrong("the state at \(head.position) is not the one of the frames before")
            }
            return .frames(count)
        } catch {
            return .refused
        }
    }

    private static let settings: JournalSettings = {
        var settings = JournalSettings(segmentBytes: 1 << 20, maximumFrameBytes: 1 << 18)
        settings.background = { $0() }
        return settings
    }()

    private static func state(_ disk: MemoryDisk) throws -> [ProspectKey: ProspectState] {
        let directory = try DataDirectory.openForReading(SampleJournal.data, fileSystem: disk)
        var prospects: [ProspectKey: ProspectState] = [:]
        try JournalState(directory, partition: 0).visitProspects { key, state, _ in prospects[key] = state }
        return prospects
    }

    private func state(behind count: Int) throws -> [ProspectKey: ProspectState] {
        if let known = states.withLock({ $0[count] }) { return known }
        let disk = journal.disk.copy()
        try disk.remove(SampleJournal.mark)
        // Without the snapshot: it is one of the things that are tried.
        try disk.remove(journal.snapshot.path)
        for (index, segment) in journal.segments.enumerated() {
            let kept = journal.frames[segment.frames].last { $0.segment == index && isAmong(count, $0) }
            if kept == nil, index > 0 {
                try disk.remove(segment.path)
                continue
            }
            let bytes = try disk.bytes(segment.path)
            for offset in (kept?.range.upperBound ?? 0)..<bytes.count { bytes[offset] = 0 }
        }
        let state = try Self.state(disk)
        states.withLock { $0[count] = state }
        return state
    }

    private func isAmong(_ count: Int, _ frame: SampleJournal.FramePlace) -> Bool {
        count > 0 && frame.after.position <= journal.frames[count - 1].after.position
    }
}
