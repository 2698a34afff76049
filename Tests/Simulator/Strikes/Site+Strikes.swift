import DiskTestSupport
import Engine
import Journal
import Kafka
import RandomTestSupport

extension Site {
    /// - Returns: whether it could happen.
    func suffer(_ strike: Strike) throws -> Bool {
        // Meanwhile the group and the coordinator have noticed that the engine is away.
        cluster.expire()
        // Nobody can take offsets, a broker or a journal back to a time before there was one.
        let hasBegun = partitions.allSatisfy { committed($0)?.position ?? 0 > 0 }
        guard hasBegun || strike == .longAbsence else { return false }
        switch strike {
        case .forgottenOffsets: return try forgetOffsets()
        case .restoredBroker: return try world.aside { try restoreBroker() }
        case .olderData: return try world.aside { try putBackOlderData() }
        case .divergedData: return try world.aside { try divergeData() }
        case .flippedBit: return try flipBit()
        case .longAbsence: return beAway()
        }
    }

    // MARK: What is committed, and what a journal says to it

    /// What the offset of a partition stands for: `winback/1 <position> <hash>`.
    private func committed(_ partition: Int32) -> (position: UInt64, hash: String)? {
        let words = cluster.committed[TopicPartition("checkout-events", partition)]?.metadata?.split(separator: " ")
        guard let words, words.count == 3, let position = UInt64(words[1]) else { return nil }
        return (position, String(words[2]))
    }

    /// Whether everything that any journal holds is known to have happened.
    var isConfirmed: Bool {
        get throws { try partitions.allSatisfy { try JournalContent(ofPartition: $0, on: disk).isConfirmed } }
    }

    /// Why an engine on this disk must not follow what is committed; `nil` if it may.
    private func refusal(on disk: SimulatedDisk) throws -> EngineError.Code? {
        for partition in partitions {
            guard let committed = committed(partition) else { continue }
            let journal = try JournalContent(ofPartition: partition, on: disk)
            if committed.position > journal.end { return .journalBehind }
            if journal.hash(at: committed.position)?.description != committed.hash { return .journalDiverged }
            if committed.position < journal.confirmed { return .offsetsRestored }
        }
        return nil
    }

    /// Sees that an engine does not start, for the right reason, and that it leaves everything as it is.
    ///
    /// - Returns: whether there is a reason.
    private func seeRefusal(_ strike: Strike, on disk: SimulatedDisk) throws -> Bool {
        guard let code = try refusal(on: disk) else { return false }
        let journals = try partitions.map { try JournalContent(ofPartition: $0, on: disk).frames }
        let (published, offsets) = (publishedCount, cluster.committed)
        let outcome = try start(on: disk, until: world.wall + StrikeLimits.refusalMilliseconds) {}
        restart(disk)
        if case .failure(let error as EngineError) = outcome, error.code == code {
            let isSame = try partitions.map { try JournalContent(ofPartition: $0, on: disk).frames } == journals
            if !isSame { note("\(strike.rawValue): a refused start has changed a journal") }
            if published != publishedCount || offsets != cluster.committed {
                note("\(strike.rawValue): a refused start has published or committed something")
            }
        } else {
            note(
                "\(strike.rawValue): the start had to be refused as \(code.rawValue), and \(Self.text(outcome))")
        }
        return true
    }

    private var publishedCount: Int {
        cluster.read("send-reminder").count + cluster.read("checkout-events.dead-letters").count
    }

    private static func text(_ outcome: Result<Void, any Error>) -> String {
        switch outcome {
        case .success: "the engine went on"
        case .failure(let error as EngineError): "it was as \(error.code.rawValue): \(error)"
        case .failure(let error): "ended with \(type(of: error)): \(error)"
        }
    }

    // MARK: The strikes

    private func beAway() -> Bool {
        let absence = Int64.random(in: StrikeLimits.absenceMilliseconds, using: &world.random)
        guard world.wall + absence < calmFrom else { return false }
        world.advance(absence)
        return true
    }

    private func forgetOffsets() throws -> Bool {
        if world.random.chance(50) {
            // A journal that ends confirmed is what a clean stop leaves.
            let outcome = try start(
                on: disk, until: min(nextStop, world.wall + StrikeLimits.lastLifeMilliseconds), publish)
            restart(disk)
            if case .failure = outcome {
                note("nothing fails, and the engine \(Self.text(outcome))")
            }
            cluster.expire()
        }
        guard try partitions.allSatisfy({ try !JournalContent(ofPartition: $0, on: disk).frames.isEmpty }) else {
            return false
        }
        cluster.forgetOffsets()
        isForgotten = true
        return true
    }

    private func restoreBroker() throws -> Bool {
        guard let earlier else { return false }
        let now = cluster.backup()
        cluster.restore(earlier.cluster)
        defer { cluster.restore(now) }
        return try seeRefusal(.restoredBroker, on: disk)
    }

    private func putBackOlderData() throws -> Bool {
        guard let earlier else { return false }
        return try seeRefusal(.olderData, on: earlier.disk.copy())
    }

    /// Two copies of the data directory go on from here with other messages; then one meets what the other has committed.
    private func divergeData() throws -> Bool {
        let now = cluster.backup()
        defer { cluster.restore(now) }
        let copies = [disk.copy(), disk.copy()]
        try goOn(on: copies[0], messages: 1)
        let other = cluster.backup()
        cluster.restore(now)
        try goOn(on: copies[1], messages: Int.random(in: 0...3, using: &world.random))
        cluster.restore(other)
        return try seeRefusal(.divergedData, on: copies[1])
    }

    private func goOn(on disk: SimulatedDisk, messages: Int) throws {
        for partition in partitions {
            for _ in 0..<messages {
                cluster.append(
                    SimulatedCluster.Record(
                        key: nil, value: nil, headers: [], timestamp: world.wall, appended: world.wall),
                    to: TopicPartition("checkout-events", partition))
            }
        }
        let outcome = try start(on: disk, until: world.wall + StrikeLimits.branchMilliseconds) {}
        restart(disk)
        guard case .failure = outcome else { return }
        note("a copy of the data directory can't go on: \(Self.text(outcome))")
    }

    private func flipBit() throws -> Bool {
        guard let file = disk.files.filter({ $0.bytes > 0 }).randomElement(using: &world.random) else { return false }
        let journals = try partitions.map { try JournalContent(ofPartition: $0, on: disk).frames }
        // Most of a segment is empty until it is full, and a wrong bit there says little.
        var bit = 0
        for _ in 0..<StrikeLimits.flipTries {
            bit = Int.random(in: 0..<8 * file.bytes, using: &world.random)
            if !disk.isZero(file.path, byte: bit / 8) { break }
        }
        disk.flip(file.path, bit: bit)
        seeNothingElse(than: journals, in: file.path)
        let work = Int64.random(in: StrikeLimits.flippedMilliseconds, using: &world.random)
        let outcome = try start(on: disk, until: min(nextStop, world.wall + work), publish)
        restart(disk)
        disk.mend()
        // It may have had another name.
        cluster.expire()
        if case .failure(let error) = outcome, !names(error, file.path) {
            note("a bit of \(file.path) was wrong, and the engine \(Self.text(outcome))")
        }
        return true
    }

    /// Verification names the file, or reads what is there: less of it where an end looks torn.
    private func seeNothingElse(than journals: [[JournalContent.Frame]], in path: String) {
        for partition in partitions {
            do {
                let frames = try JournalContent(ofPartition: partition, on: disk).frames
                if !journals[Int(partition)].starts(with: frames) {
                    note("a bit of \(path) was wrong, and the journal reads otherwise")
                }
            } catch {
                if !names(error, path) { note("a bit of \(path) was wrong: \(error)") }
            }
        }
    }

    /// Whether an error says what is to be restored.
    private func names(_ error: any Error, _ path: String) -> Bool {
        switch error {
        case let error as JournalError:
            let name = path.split(separator: "/").last ?? ""
            return "\(error)".contains(path) || "\(error)".contains(" \(name) ")
        case let error as EngineError: return "\(error)".contains(path)
        default: return false
        }
    }
}

/// How long what belongs to a strike takes.
private enum StrikeLimits {
    private static let hour = PlainPolicy.hour
    /// What an engine that must not go on is given to do it all the same.
    static let refusalMilliseconds = 24 * hour
    /// How long a copy of the data directory goes on by itself.
    static let branchMilliseconds = 2 * hour
    /// How long an engine works over a bit that has turned over.
    static let flippedMilliseconds = hour...(24 * hour)
    /// Longer than any reminder may be late.
    static let absenceMilliseconds = (30 * hour)...(6 * 24 * hour)
    static let lastLifeMilliseconds: Int64 = 600_000
    static let flipTries = 16
}
