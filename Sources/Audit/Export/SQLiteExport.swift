import Journey

/// One SQLite file: tables as compact as can be, and a view of each that reads well.
///
/// ```
/// fact, journey, command     times in milliseconds since 1970, ids as blobs, words by their number
/// word                       texts that come again and again: policies, reasons, templates, ...
/// facts, journeys, commands  views: times as ISO 8601 text, ids in hexadecimal digits, words as text
/// about                      what it was made from
/// ```
final class SQLiteExport: ExportSink {
    private let path: String
    private let database: SQLiteDatabase
    private let tables: [ExportTable]
    private let inserts: [SQLiteStatement]
    private let insertWord: SQLiteStatement
    private var words: [String: Int64] = [:]

    init(_ tables: [ExportTable], folder: String, about: [(String, String)]) throws {
        self.tables = tables
        path = "\(folder)/winback-audit.sqlite"
        // Made first, so that nobody else may read it from the beginning on.
        try ExportFile.create(ExportFile.temporary(path)).close()
        let database = try SQLiteDatabase(path: ExportFile.temporary(path))
        self.database = database
        // An export that fails is made again: until it has its name, nothing of it must survive a crash.
        try database.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN")
        try database.execute("CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        try database.execute("CREATE TABLE about(key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        for table in tables { try database.execute(Self.creation(table)) }
        inserts = try tables.map { table in
            let marks = Array(repeating: "?", count: table.columns.count).joined(separator: ",")
            return try database.prepare("INSERT INTO \(table.name) VALUES(\(marks))")
        }
        insertWord = try database.prepare("INSERT INTO word VALUES(?,?)")
        let insertAbout = try database.prepare("INSERT INTO about VALUES(?,?)")
        for (key, value) in about {
            insertAbout.bind(key, at: 1)
            insertAbout.bind(value, at: 2)
            try insertAbout.run()
        }
    }

    func append(_ row: [ExportValue], to table: Int) throws {
        let statement = inserts[table]
        for (index, value) in row.enumerated() {
            let place = Int32(index + 1)
            switch value {
            case .none: statement.bindNull(at: place)
            case .number(let number): statement.bind(number, at: place)
            case .boolean(let value): statement.bind(value ? 1 : 0, at: place)
            case .time(let time): statement.bind(time.milliseconds, at: place)
            case .key(let high, let low): statement.bind(key: high, low, at: place)
            case .text(let text):
                if case .word = tables[table].columns[index].kind {
                    statement.bind(try number(of: text), at: place)
                } else {
                    statement.bind(text, at: place)
                }
            }
        }
        try statement.run()
    }

    func finish() throws -> [String] {
        for table in tables {
            for columns in table.indexes {
                let name = ([table.name] + columns).joined(separator: "_")
                try database.execute("CREATE INDEX \(name) ON \(table.name)(\(Self.list(columns)))")
            }
            try database.execute(Self.view(table))
        }
        try database.execute("COMMIT")
        let file = try ExportFile.reopen(ExportFile.temporary(path))
        try file.synchronize()
        try file.close()
        try ExportFile.publish(path)
        return [path]
    }

    func abandon() { ExportFile.remove(ExportFile.temporary(path)) }

    private func number(of word: String) throws -> Int64 {
        if let known = words[word] { return known }
        let number = Int64(words.count + 1)
        words[word] = number
        insertWord.bind(number, at: 1)
        insertWord.bind(word, at: 2)
        try insertWord.run()
        return number
    }

    private static func list(_ columns: [String]) -> String {
        columns.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    private static func creation(_ table: ExportTable) -> String {
        let columns = table.columns.map { column in
            let type =
                switch column.kind {
                case .integer, .word, .time, .boolean: "INTEGER"
                case .text: "TEXT"
                case .key: "BLOB"
                }
            return "\"\(column.name)\" \(type)"
        }
        return "CREATE TABLE \(table.name)(\(columns.joined(separator: ", ")))"
    }

    private static func view(_ table: ExportTable) -> String {
        let columns = table.columns.map { column in
            let name = "\"\(column.name)\""
            let text =
                switch column.kind {
                case .integer, .text, .boolean: name
                case .key: "lower(hex(\(name)))"
                case .word: "(SELECT text FROM word WHERE id = \(table.name).\(name))"
                case .time:
                    "strftime('%Y-%m-%dT%H:%M:%S', \(name) / 1000, 'unixepoch') || printf('.%03dZ', \(name) % 1000)"
                }
            return "\(text) AS \(name)"
        }
        return "CREATE VIEW \(table.plural) AS SELECT \(columns.joined(separator: ", ")) FROM \(table.name)"
    }
}
