import Foundation
import Journal
import Journey
import Records

/// The indexes of a journal that was written before: how fast they are made, and what a look-up of one person costs
/// with and without them.
struct IndexBench {
    /// Of one shard.
    let directory: String
    private static let people = 50

    func run(_ report: inout BenchReport) throws {
        let indexes = try SegmentIndexes(directory: directory, fileSystem: POSIXFileSystem())
        let sealed = indexes.segments.filter { $0.next != nil }
        guard let last = sealed.last, let end = last.next else { return }
        let journalBytes = end - sealed[0].first
        let watch = Stopwatch()
        let indexBytes = try Self.makeIndexes(indexes, in: directory)
        report.add(
            Figure(
                nil, "segment indexes made", Double(journalBytes >> 20) / watch.seconds, "MiB/s",
                note: "\(sealed.count) segments, \(journalBytes >> 20) MiB, indexes \(indexBytes >> 20) MiB"))
        try lookUp(end, &report)
    }

    /// Makes the index of each finished segment.
    ///
    /// - Returns: how many bytes they have together.
    static func makeIndexes(_ indexes: SegmentIndexes, in directory: String) throws -> Int {
        let fileSystem = POSIXFileSystem()
        var indexBytes = 0
        for segment in indexes.segments {
            guard let next = segment.next else { continue }
            let contents = try SegmentContents(of: segment.first, upTo: next, in: directory, fileSystem)
            let bytes = contents.encodedIndex()
            indexBytes += bytes.count
            try SegmentIndexFile.write(bytes, of: segment.first, in: directory, fileSystem)
        }
        return indexBytes
    }

    private func lookUp(_ end: UInt64, _ report: inout BenchReport) throws {
        let people = try somePeople()
        let watch = Stopwatch()
        var frames = 0
        for person in people {
            let indexes = try SegmentIndexes(directory: directory, fileSystem: POSIXFileSystem())
            let reader = try FrameReader(directory: directory, fileSystem: POSIXFileSystem())
            for position in try indexes.frames(of: [person], confirmedUpTo: end) {
                _ = try reader.frame(at: position)
                frames += 1
            }
        }
        report.add(
            Figure(
                nil, "one person's frames found and read", watch.seconds / Double(people.count), "s",
                goal: .atMost(0.1), note: "\(frames) frames of \(people.count) people"))
    }

    /// Who is named first in each of some frames, spread over the journal.
    private func somePeople() throws -> [UInt64] {
        var people: [UInt64] = []
        for first in try JournalReader.beginnings(of: directory, fileSystem: POSIXFileSystem()) {
            let reader = try JournalReader(
                directory: directory, fileSystem: POSIXFileSystem(), from: first, verification: .checksum)
            guard people.count < Self.people, let frame = try reader.next() else { continue }
            var records = try RecordReader(frame.body, position: frame.position)
            while let record = try records.next() {
                guard case .input(let input) = record else { continue }
                people.append(input.prospect.high)
                break
            }
        }
        return people
    }
}
