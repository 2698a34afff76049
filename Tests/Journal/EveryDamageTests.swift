import Damage
import Testing

/// A part of what `scripts/damage` tries in full: on a smaller journal that the engine wrote, every so many-th bit and byte.
@Suite struct EveryDamageTests {
    static func settings() -> Trial.Settings {
        var settings = Trial.Settings()
        settings.bytes = 48 << 10
        settings.segmentBytes = 32 << 10
        settings.openings = 20
        settings.seed = 3
        settings.stride = 7
        return settings
    }

    @Test func everyFlippedBitOfJournalAndSnapshotIsDetectedOrInUnusedSpace() throws {
        let tallies = try Trial(Self.settings()).flips()
        expectNoneMissed(tallies)
        for tally in tallies { #expect(tally.harmless == 0 || tally.name == "bits of unused space", "\(tally)") }
        #expect(tallies.map(\.detected).reduce(0, +) > 20_000)
    }

    @Test func journalsThatAreCutMixedUpOrOpenedDamagedNeverGiveAnotherState() throws {
        let tallies = try Trial(Self.settings()).others()
        expectNoneMissed(tallies)
        for tally in tallies where tally.name.hasPrefix("frames") { #expect(tally.harmless == 0, "\(tally)") }
    }

    private func expectNoneMissed(_ tallies: [Tally]) {
        for tally in tallies {
            #expect(tally.missed == 0, "\(tally.name): \(tally.examples)")
            #expect(tally.tried > 0, "\(tally.name)")
        }
    }
}
