import Journal
import Journey

/// A shard's fold as the sections of a snapshot file, and back.
///
/// ```
/// sections 0...3   the prospects, as `ProspectStore` lays them out
/// section 4        version u8, clock zigzag, active journeys varint, count of topics varint, per topic the next offset zigzag,
///                  count of activations varint, per activation time zigzag and text (length varint, UTF-8),
///                  count of interventions varint, per intervention kind u8 and time zigzag,
///                  count of found commands varint, per command journey u64, step u8 and emission zigzag,
///                  count of erased addresses varint, per address its hash (high, low: u64 each) and time zigzag,
///                  what is to be destroyed, as `PendingDestructions` writes it
/// ```
/// A snapshot of another version is not used: the journal gives the same state.
enum StateSnapshot {
    static let version: UInt32 = 4
    private static let prospectSections = 4

    static func write(_ fold: ShardFold, at head: JournalHead, directory: String, _ fileSystem: any FileSystem) throws {
        var meta = ByteWriter()
        meta.append(UInt8(version))
        meta.appendZigZag(fold.clock.milliseconds)
        meta.appendVarint(UInt64(fold.activeJourneys))
        meta.appendVarint(UInt64(fold.nextOffsets.count))
        for offset in fold.nextOffsets { meta.appendZigZag(offset) }
        meta.appendVarint(UInt64(fold.activations.count))
        for activation in fold.activations {
            meta.appendZigZag(activation.time.milliseconds)
            meta.appendPrefixed(activation.text)
        }
        meta.appendVarint(UInt64(fold.interventions.count))
        for each in fold.interventions {
            meta.append(each.intervention.rawValue)
            meta.appendZigZag(each.time.milliseconds)
        }
        let found = fold.policies.foundReminders(at: fold.clock)
        meta.appendVarint(UInt64(found.count))
        for reminder in found {
            meta.appendFixed(reminder.journey.rawValue)
            meta.append(reminder.step)
            meta.appendZigZag(reminder.emitted.milliseconds)
        }
        meta.appendVarint(UInt64(fold.erasedAddresses.count))
        for (address, time) in fold.erasedAddresses.sorted {
            meta.appendFixed(address.high)
            meta.appendFixed(address.low)
            meta.appendZigZag(time.milliseconds)
        }
        fold.destructions.write(to: &meta)
        let metaBytes = meta.bytes
        try fold.prospects.withSections { sections in
            precondition(sections.count == prospectSections)
            try SnapshotFile.write(
                directory: directory, fileSystem: fileSystem, at: head, stateVersion: version,
                sections: sections + [[metaBytes]])
        }
    }

    /// From a file, with room for the offsets of so many topics.
    static func load(
        _ candidate: SnapshotFile.Candidate, _ directory: DataDirectory, topicCount: Int
    ) throws -> ShardFold {
        let fold = try load(try SnapshotFile.load(candidate, directory.fileSystem), key: directory.key)
        fold.nextOffsets += Array(repeating: -1, count: max(0, topicCount - fold.nextOffsets.count))
        return fold
    }

    /// - Throws: what is wrong with the snapshot; the caller takes an older one, or the journal.
    static func load(_ snapshot: MappedSnapshot, key: [UInt8]) throws -> ShardFold {
        let sections = snapshot.sections
        guard snapshot.stateVersion == version, sections.count == prospectSections + 1 else {
            throw Unusable(reason: "it has version \(snapshot.stateVersion), not \(version)")
        }
        var reader = ByteReader(UnsafeRawBufferPointer(sections[prospectSections]))
        guard try reader.readByte() == UInt8(version) else {
            throw Unusable(reason: "its last section has another version")
        }
        let clock = Instant(milliseconds: try reader.readZigZag())
        let active = Int(truncatingIfNeeded: try reader.readVarint())
        let topics = try reader.readVarint()
        guard topics <= 256 else { throw Unusable(reason: "it has \(topics) topics") }
        var offsets: [Int64] = []
        for _ in 0..<topics { offsets.append(try reader.readZigZag()) }
        var activations: [ShardFold.Activation] = []
        for _ in 0..<(try reader.readVarint()) {
            let time = Instant(milliseconds: try reader.readZigZag())
            activations.append(ShardFold.Activation(time: time, text: try reader.readPrefixedText()))
        }
        let fold = try ShardFold(
            key: key, prospects: ProspectStore(mapping: Array(sections[..<prospectSections]), keepAlive: snapshot),
            activations: activations, clock: clock, nextOffsets: offsets)
        fold.activeJourneys = active
        for _ in 0..<(try reader.readVarint()) {
            guard let intervention = Intervention(rawValue: try reader.readByte()) else {
                throw Unusable(reason: "it holds a decision of an operator that this version does not know")
            }
            fold.intervene(intervention, at: Instant(milliseconds: try reader.readZigZag()))
        }
        for _ in 0..<(try reader.readVarint()) {
            let journey = JourneyReference(rawValue: try reader.readFixed())
            let step = try reader.readByte()
            fold.note(
                FoundReminder(
                    journey: journey, step: step, emitted: Instant(milliseconds: try reader.readZigZag())))
        }
        for _ in 0..<(try reader.readVarint()) {
            let address = ProspectKey(high: try reader.readFixed(), low: try reader.readFixed())
            fold.erasedAddresses.erase(address, at: Instant(milliseconds: try reader.readZigZag()))
        }
        fold.destructions = try PendingDestructions(&reader)
        return fold
    }

    struct Unusable: Error, CustomStringConvertible {
        var reason: String
        var description: String { reason }
    }
}
