import DiskTestSupport
import Engine

/// A machine with an engine on it, and the brokers that it works with: what strikes meet between two starts.
protocol Site: AnyObject {
    var world: World { get }
    var cluster: SimulatedCluster { get }
    var disk: SimulatedDisk { get }
    var partitions: Range<Int32> { get }
    /// What a backup holds that somebody has made.
    var earlier: Earlier? { get }
    /// The brokers know no offsets of the group, and nobody has told them again.
    var isForgotten: Bool { get set }
    /// When the engine is stopped.
    var nextStop: Int64 { get }
    /// From then on nothing happens to it any more.
    var calmFrom: Int64 { get }

    /// Upstream services go on with what they do.
    func publish()
    /// Says what should not have happened.
    func note(_ violation: String)
    /// One life of an engine on a disk, until the time has come or something else ends it.
    func start(
        on disk: SimulatedDisk, until stop: Int64, _ publish: @escaping () -> Void
    ) throws -> Result<Void, any Error>
    /// The machine can start a process again.
    func restart(_ disk: SimulatedDisk)
    func makeRecovery() throws -> Recovery
}

/// What brokers and a machine's disk held at one time.
struct Earlier {
    var cluster: SimulatedCluster.Backup
    var disk: SimulatedDisk
}

extension Site {
    /// `winback recover --accept resume`.
    func resume() throws {
        let recovery = try makeRecovery()
        defer { recovery.close() }
        let diagnosis = try recovery.diagnose()
        // An earlier attempt may have got further than it knew.
        if diagnosis.findings.isEmpty { return }
        guard diagnosis.offers(.resume) else {
            let found = diagnosis.findings.map(\.message).joined(separator: "; ")
            return note("a recovery does not offer to resume: \(found)")
        }
        try recovery.perform(.resume, diagnosis)
    }
}
