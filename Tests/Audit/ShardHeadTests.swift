import Journal
import Testing

@testable import Audit

@Suite struct ShardHeadTests {
    @Test func theHeadIsTheEndOfTheLastFrameThatIsKnownToBeCommitted() throws {
        let harness = try AuditHarness()
        for number in 0..<5 { try harness.event("checkout.started", "p-\(number)") }
        // Each frame tells of the commit before it; the last one's own commit is told by a clean stop or the next frame.
        let before = try ShardHead.read(try harness.source(), partition: 0)
        #expect(before.pendingBytes > 0)
        try harness.event("checkout.started", "p-9")
        let head = try ShardHead.read(try harness.source(), partition: 0)
        #expect(head.head.position > before.head.position)
        #expect(head.head.position == before.head.position + before.pendingBytes)
        let reader = try JournalReader(
            directory: harness.directory + "/shards/0", fileSystem: POSIXFileSystem(), from: head.head.position,
            hash: head.head.hash)
        #expect(try reader.next() != nil)
    }
}
