import CSQLite

/// A SQLite database, and its errors with what was being done. Not for use by several threads at once.
final class SQLiteDatabase {
    private var handle: OpaquePointer?
    private let path: String

    init(path: String) throws {
        self.path = path
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK else {
            let error = failure("open")
            sqlite3_close(handle)
            throw error
        }
    }

    deinit { sqlite3_close(handle) }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    func prepare(_ sql: String) throws -> SQLiteStatement {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw failure(sql)
        }
        return SQLiteStatement(statement, self)
    }

    func failure(_ what: String) -> ExportError {
        let text = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
        return ExportError(path: path, message: "SQLite: \(text) (\(what.prefix(80)))")
    }
}

/// A prepared statement; it must not outlive its database.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private unowned let database: SQLiteDatabase

    /// SQLite copies what it is given before the call returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ handle: OpaquePointer, _ database: SQLiteDatabase) {
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    /// - Parameter index: from 1.
    func bind(_ value: Int64, at index: Int32) { sqlite3_bind_int64(handle, index, value) }
    func bind(_ value: String, at index: Int32) { sqlite3_bind_text(handle, index, value, -1, Self.transient) }
    func bindNull(at index: Int32) { sqlite3_bind_null(handle, index) }

    func bind(key high: UInt64, _ low: UInt64, at index: Int32) {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) {
            _ = sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), Self.transient)
        }
    }

    /// Runs a statement that gives no rows, and makes it ready for the next run.
    func run() throws {
        guard sqlite3_step(handle) == SQLITE_DONE else { throw database.failure("write a row") }
        sqlite3_reset(handle)
    }
}
