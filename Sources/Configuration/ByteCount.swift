/// How amounts of bytes are written: `64MiB`, `1GiB`, `512KiB`, or a plain number of bytes.
enum ByteCount {
    private static let units: [(name: String, bytes: Int)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]

    static func parse(_ text: String) -> Int? {
        if let bytes = Int(text) { return bytes }
        for unit in units where text.hasSuffix(unit.name) {
            guard let number = Int(text.dropLast(3)) else { return nil }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
            return overflow ? nil : bytes
        }
        return nil
    }

    /// `64MB` and `64 m` are probably `64MiB`.
    static func guess(_ text: String) -> String? {
        let dense = text.filter { $0 != " " }
        let digits = dense.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, let first = dense.dropFirst(digits.count).first else { return nil }
        guard let unit = units.first(where: { $0.name.first == Character(first.uppercased()) }) else { return nil }
        return "\(digits)\(unit.name)"
    }

    static func describe(_ bytes: Int) -> String {
        let unit = units.last { bytes >= $0.bytes && bytes % $0.bytes == 0 }
        return unit.map { "\(bytes / $0.bytes)\($0.name)" } ?? "\(bytes) bytes"
    }
}
