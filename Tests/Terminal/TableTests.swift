import Testing

@testable import Terminal

struct TableTests {
    static let noon: Int64 = 1_772_366_400_000  // 2026-03-01T12:00:00Z
    static let columns = [
        Table.Column("who"), Table.Column("lag_records", "Lag"), Table.Column("next", "Next reminder"),
        Table.Column("active"),
    ]

    private func render(
        _ format: Table.Format, width: Int = 80, isTerminal: Bool = true, usesColour: Bool = false,
        columns: [Table.Column] = columns, rows: [[Cell]]
    ) -> String {
        let transcript = Transcript()
        var table = Table(
            columns, format: format, now: Self.noon,
            screen: transcript.screen(isTerminal: isTerminal, width: width, usesColour: usesColour))
        for row in rows { table.append(row) }
        table.finish()
        return transcript.text
    }

    static let rows: [[Cell]] = [
        [.text("Ada"), .number(1_234_567), .relativeTime(noon + 7_980_000), .boolean(true)],
        [.text("Grace \"Amazing\" Hopper, USN"), .number(8), .none, .boolean(false)],
    ]

    @Test func peopleSeeAlignedColumns() {
        #expect(
            render(.aligned, rows: Self.rows) == """
                Who                                Lag  Next reminder  Active
                Ada                          1,234,567  in 2 h 13 min  yes
                Grace "Amazing" Hopper, USN          8  –              no

                """)
    }

    @Test func programsSeeTabs() {
        #expect(
            render(.tsv, rows: Self.rows) == """
                who\tlag_records\tnext\tactive
                Ada\t1234567\t2026-03-01T14:13:00.000Z\ttrue
                Grace "Amazing" Hopper, USN\t8\t\tfalse

                """)
    }

    @Test func csvQuotesWhatNeedsIt() {
        #expect(
            render(.csv, rows: Self.rows) == """
                who,lag_records,next,active
                Ada,1234567,2026-03-01T14:13:00.000Z,true
                "Grace ""Amazing"" Hopper, USN",8,,false

                """)
    }

    @Test func jsonKeepsTheTypes() {
        #expect(
            render(.json, rows: Self.rows) == #"""
                [
                {"who":"Ada","lag_records":1234567,"next":"2026-03-01T14:13:00.000Z","active":true},
                {"who":"Grace \"Amazing\" Hopper, USN","lag_records":8,"next":null,"active":false}
                ]

                """#)
    }

    @Test func anEmptyTableIsValidInEachFormat() {
        #expect(render(.json, rows: []) == "[]\n")
        #expect(render(.csv, rows: []) == "who,lag_records,next,active\n")
        #expect(render(.aligned, rows: []) == "Who  Lag  Next reminder  Active\n")
    }

    @Test func numbersThatAreNoneAreNull() {
        let columns = [Table.Column("a"), Table.Column("b_seconds")]
        let rows: [[Cell]] = [
            [.decimal(.nan), .duration(.milliseconds(1500))], [.decimal(2.345, places: 2), .duration(nil)],
        ]
        #expect(
            render(.json, columns: columns, rows: rows)
                == "[\n{\"a\":null,\"b_seconds\":1.500},\n{\"a\":2.35,\"b_seconds\":null}\n]\n")
        #expect(render(.csv, columns: columns, rows: rows) == "a,b_seconds\n,1.500\n2.35,\n")
    }

    @Test func aTableIsCutToTheWidthOfTheScreen() {
        let long = String(repeating: "x", count: 200)
        let text = render(
            .aligned, width: 40, columns: [Table.Column("a"), Table.Column("n"), Table.Column("b")],
            rows: [[.text(long), .number(123), .text("short")]])
        #expect(text.split(separator: "\n").allSatisfy { TextWidth.of($0) <= 40 })
        #expect(text.contains("xxx…") && text.contains("123") && text.contains("short"))
    }

    @Test func wideCharactersTakeTwoCells() {
        #expect(
            render(
                .aligned, columns: [Table.Column("a"), Table.Column("b")],
                rows: [[.text("日本"), .text("x")], [.text("abcd"), .text("y")], [.text("e\u{301}"), .text("z")]])
                == "A     B\n日本  x\nabcd  y\ne\u{301}     z\n")
    }

    @Test func controlCharactersInDataDoNotReachTheTerminal() {
        let evil = "a\u{1B}[31m\n\u{202E}b"
        let columns = [Table.Column("a")]
        #expect(render(.aligned, columns: columns, rows: [[.text(evil)]]) == "A\na\u{FFFD}[31m\u{FFFD}\u{FFFD}b\n")
        #expect(render(.json, columns: columns, rows: [[.text(evil)]]).contains(#""a\u001b[31m\n"#))
        #expect(render(.tsv, columns: columns, rows: [[.text("a\tb\nc\\d")]]) == "a\na\\tb\\nc\\\\d\n")
    }

    @Test func colourDoesNotDisturbTheAlignment() {
        let rows: [[Cell]] = [[.text("a", style: .red), .text("x")], [.text("abc"), .text("y", style: .green)]]
        let columns = [Table.Column("a"), Table.Column("b")]
        let plain = render(.aligned, columns: columns, rows: rows)
        let coloured = render(.aligned, usesColour: true, columns: columns, rows: rows)
        #expect(coloured.contains("\u{1B}[31ma\u{1B}[0m    x"))
        #expect(coloured.replacing(#/\u{1B}\[[0-9]+m/#, with: "") == plain)
    }

    @Test func aLongTableIsWrittenAsItComes() {
        let transcript = Transcript()
        var table = Table([Table.Column("n")], format: .aligned, now: 0, screen: transcript.screen())
        for n in 1..<Table.alignedRows { table.append([.number(n)]) }
        #expect(transcript.text.isEmpty)
        table.append([.number(Table.alignedRows)])
        #expect(transcript.lines.count == Table.alignedRows + 1)
        table.append([.number(5_000_000)])
        #expect(transcript.lines.last == "5,000,000")
        table.finish()
        #expect(transcript.lines.count == Table.alignedRows + 2)
        #expect(table.rowCount == Table.alignedRows + 1)
    }

    @Test func theFormatFollowsTheScreenUnlessOneIsNamed() throws {
        let transcript = Transcript()
        let terminal = transcript.screen(isTerminal: true)
        #expect(try Table.Format.fitting(terminal) == .aligned)
        #expect(try Table.Format.fitting(transcript.screen()) == .tsv)
        #expect(try Table.Format.fitting(terminal, json: true) == .json)
        #expect(try Table.Format.fitting(terminal, csv: true) == .csv)
        #expect(throws: UsageError.self) { try Table.Format.fitting(terminal, json: true, csv: true) }
    }
}
