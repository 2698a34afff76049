import Audit
import Journal
import Terminal

struct AuditVerifyCommand: Command {
    static let name = "audit verify"
    static let summary = "Verify every byte of the journals: checksums, the hash chain, personal data, snapshots"
    static let details = """
        Reads all frames, compares every checksum and hash, compares personal data with its digests, and proves each \
        snapshot by folding the frames that it stands for. A hash that `winback audit head` printed before, given with \
        --expect, proves that nothing before it has been changed since. Damage is told with file, offset and extent, and with \
        what is still trustworthy. Changes nothing. Exit code 0: everything is as it was written; 1: something is not.
        """
    static let options: [any OptionDeclaration] = AuditOptions.options + [expect, since, partition, json]
    static let examples = [
        Example("winback audit verify --data /backup/winback", help: "A copy, before it is trusted."),
        Example(
            "winback audit verify --expect 9f86d081…0a08", help: "Against a hash of 64 digits that was noted before."),
    ]

    private static let expect = Option.list(
        "expect", label: "HASH", help: "Must be the hash of a frame; `audit head` printed it")
    private static let since = Option.integer(
        "since", in: 0...Int.max, help: "Only from the segment on that holds this position; proves no snapshots")
    private static let partition = Option.list("partition", label: "N", help: "Only this partition")
    private static let json = Option.flag("json", help: "The findings as JSON")

    private let audit: AuditOptions
    private let expected: Set<FrameHash>
    private let since: UInt64?
    private let partitions: Set<Int32>?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws {
        audit = AuditOptions(arguments)
        expected = Set(
            try arguments[Self.expect].map { text in
                guard let hash = FrameHash(hex: text.lowercased()) else {
                    throw UsageError(.invalidValue, "--expect takes the 64 hexadecimal digits of a hash, not \(text)")
                }
                return hash
            })
        since = arguments[Self.since].map { UInt64($0) }
        let numbers = try arguments[Self.partition].map { text in
            guard let number = Int32(text) else {
                throw UsageError(.invalidValue, "--partition takes a number, not \(text)")
            }
            return number
        }
        partitions = numbers.isEmpty ? nil : Set(numbers)
        isJSON = arguments[Self.json]
    }

    func run() throws -> ExitCode {
        let verification = JournalVerification(try audit.source(), expected: expected, since: since)
        let progress = ProgressBar("verifying", total: Int64(try verification.journalBytes() >> 10), unit: "KiB")
        let shards = try verification.run(partitions: partitions) { progress.advance(by: Int64($0 >> 10)) }
        progress.finish()
        let report = VerificationReport(shards: shards, expected: expected)
        if isJSON { report.writeJSON() } else { report.write() }
        return report.isSound ? .ok : .found
    }
}
