import CSQLite
import Foundation
import Journal
import Journey
import Testing

@testable import Audit

@Suite struct ExportTests {
    private let start = AuditHarness.start

    private func story() throws -> AuditHarness {
        let harness = try AuditHarness()
        try harness.event("checkout.started", firstName: "Ann", subject: "cart-7")
        try harness.event("checkout.started", "bob", email: "none")
        try harness.tick(start + .hours(1))
        try harness.event("checkout.completed", at: start + .hours(2))
        try harness.event("contact.erasure-requested", "bob", at: start + .hours(3))
        return harness
    }

    private func export(
        _ harness: AuditHarness, _ format: AuditExport.Format, personal: Bool = false, to folder: String
    ) throws -> (counts: AuditExport.Counts, files: [String]) {
        var settings = AuditExport.Settings(format: format)
        settings.personal = personal
        settings.pending = true
        return try AuditExport(try harness.source(), to: folder, settings).write(madeAt: start)
    }

    /// Every row of a query, each column as text.
    private func rows(_ path: String, _ sql: String) throws -> [[String?]] {
        var database: OpaquePointer?
        try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
        defer { sqlite3_close(database) }
        var statement: OpaquePointer?
        try #require(sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, "\(sql)")
        defer { sqlite3_finalize(statement) }
        var rows: [[String?]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    sqlite3_column_text(statement, column).map { String(cString: $0) }
                })
        }
        return rows
    }

    @Test func theSQLiteFileReadsBackAsTheJournalSays() throws {
        let harness = try story()
        let folder = harness.directory + "-export"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (counts, files) = try export(harness, .sqlite, to: folder)
        #expect(files == [folder + "/winback-audit.sqlite"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["winback-audit.sqlite"])
        #expect(counts.commands == 1)
        #expect(counts.journeys == 2)
        #expect(try rows(files[0], "SELECT count(*) FROM facts") == [["\(counts.facts)"]])
        #expect(
            try rows(files[0], "SELECT policy, status, opened_at, ended_at FROM journeys ORDER BY status") == [
                ["abandoned-checkout", "converted", "2027-01-15T08:00:00.000Z", "2027-01-15T10:00:00.000Z"],
                ["abandoned-checkout", "erased", "2027-01-15T08:00:00.000Z", nil],
            ])
        #expect(
            try rows(
                files[0], "SELECT fact, reason, step, due, policy FROM facts WHERE fact LIKE 'reminder%' ORDER BY fact")
                == [
                    ["reminder-requested", nil, "1", "2027-01-15T09:00:00.000Z", "abandoned-checkout"],
                    ["reminder-skipped", "no-address", "1", "2027-01-15T09:00:00.000Z", "abandoned-checkout"],
                ])
        let explanation = try #require(try harness.explanations(pending: true, stops: false).first)
        let command = try #require(explanation.verdicts.first?.command)
        #expect(
            try rows(files[0], "SELECT id, template, emitted_at, prospect FROM commands")
                == [[command, "spot-saved", "2027-01-15T09:00:00.000Z", explanation.person.key]])
        // Ids are found by the indexes on their blobs.
        let plan = try rows(files[0], "EXPLAIN QUERY PLAN SELECT * FROM fact WHERE prospect = x'00'")
        #expect(plan.first?.last??.contains("INDEX") == true)
        #expect(try rows(files[0], "PRAGMA integrity_check") == [["ok"]])
    }

    @Test(arguments: AuditExport.Format.allCases) func nobodyIsNamedUnlessItIsAskedFor(_ format: AuditExport.Format)
        throws
    {
        let harness = try story()
        let folder = harness.directory + "-export"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func bytes(_ files: [String]) throws -> String {
            try files.map { String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self) }.joined()
        }
        let without = try bytes(try export(harness, format, to: folder).files)
        for name in ["ann", "example.com", "cart-7", "academy"] { #expect(!without.contains(name), "\(name)") }
        let with = try bytes(try export(harness, format, personal: true, to: folder).files)
        #expect(with.contains("ann@example.com"))
        // Whoever was erased is not in it, whether the files of the journal still hold the data or not.
        #expect(!with.contains("bob"))
    }

    @Test func linesOfJSONAndOfCSVHaveTheSameRows() throws {
        let harness = try story()
        let folder = harness.directory + "-export"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lines = try export(harness, .ndjson, to: folder)
        let values = try export(harness, .csv, to: folder)
        #expect(lines.counts == values.counts)
        for name in ["facts", "journeys", "commands"] {
            let json = try String(contentsOfFile: "\(folder)/\(name).ndjson", encoding: .utf8).split(separator: "\n")
            let csv = try String(contentsOfFile: "\(folder)/\(name).csv", encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false)
            #expect(csv.count == json.count + 2)
            let columns = csv[0].split(separator: ",")
            for (line, row) in zip(json, csv.dropFirst()) {
                let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                let fields = row.split(separator: ",", omittingEmptySubsequences: false)
                #expect(fields.count == columns.count)
                for (column, field) in zip(columns, fields) where !field.isEmpty {
                    let value = try #require(object[String(column)], "\(column)")
                    if let text = value as? String { #expect(text == field) }
                }
            }
        }
    }

    @Test func anExportThatFailsLeavesNothing() throws {
        let harness = try story()
        let folder = harness.directory + "-export"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // The journal is damaged in its first frame.
        try harness.stop()
        let segment = "\(harness.directory)/shards/0/0000000000004096.segment"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: segment))
        try file.seek(toOffset: 600)
        try file.write(contentsOf: Array(repeating: 0x5A, count: 64))
        try file.close()
        #expect(throws: JournalError.self) { try export(harness, .sqlite, to: folder) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
}
