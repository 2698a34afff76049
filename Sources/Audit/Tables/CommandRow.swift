import Journey
import Records

/// A command as it was decided.
public struct CommandRow: Sendable {
    public var journey: JourneyID
    /// From 0.
    public var step: Int
    public var prospect: ProspectKey
    public var version: PolicyVersion
    public var due: Instant
    public var emitted: Instant
    public var partition: Int32
    /// Where the frame begins in the journal that says so.
    public var position: UInt64
    /// Whether its commit is not known to have succeeded.
    public var isPending: Bool
    /// Under the data directory's key, of key and bytes; older journals have none.
    public var digest: CommandDigest?
    var records: PersonRecords

    public var id: String { Words.command(journey, step) }
    public var journeyID: String { Words.hexadecimal(journey) }
    public var prospectID: String { Words.hexadecimal(prospect) }
    public var template: String { version.policy.steps[step].template }
    public var expires: Instant { due + version.policy.steps[step].maxLateness }
    public var digestText: String? {
        digest.map { Words.hexadecimal(JourneyID(high: $0.high, low: $0.low)) }
    }
}
