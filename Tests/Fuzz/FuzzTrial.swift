/// Something that reads bytes which anybody could have written, and what must hold of what it makes of them.
///
/// libFuzzer and the ordinary tests give their bytes to the same trials.
public protocol FuzzTrial: AnyObject {
    /// Reads one input.
    ///
    /// - Returns: what is wrong with the reading, in words; `nil` if it was right, whatever became of the input.
    func run(_ input: UnsafeRawBufferPointer) -> String?

    /// How many inputs one run reads: the one it is given, and variations that follow from it.
    var inputsPerRun: Int { get }

    /// Makes a mutated input one that gets past the checksums, or leaves it; `choice` is random.
    func repair(_ input: UnsafeMutableRawBufferPointer, choice: UInt32)
}

extension FuzzTrial {
    public var inputsPerRun: Int { 1 }
    public func repair(_ input: UnsafeMutableRawBufferPointer, choice: UInt32) {}
}

/// What can be fuzzed, by the name that its folder in the corpus has.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The event decoder with the default shape, in both content modes.
    case event
    /// The event decoder with a shape of somebody's own: headers, constants, alternatives.
    case mapped
    case configuration
    /// The bytes of a segment file, checksums and hashes repaired after most mutations.
    case segment
    /// Changes to a journal that was written: nothing else than its frames may be read afterwards.
    case edits
    case snapshot

    public func makeTrial() throws -> any FuzzTrial {
        switch self {
        case .event: try EventTrial(shape: EventTrial.standard)
        case .mapped: try EventTrial(shape: EventTrial.mapped)
        case .configuration: ConfigurationTrial()
        case .segment: SegmentTrial()
        case .edits: try EditsTrial()
        case .snapshot: try SnapshotTrial()
        }
    }
}
