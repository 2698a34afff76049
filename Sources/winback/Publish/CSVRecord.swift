/// Takes a record of a table apart (RFC 4180), fed with its physical lines: a quoted field may go over several.
///
/// No library does this: Debian's only one for C (libcsv) cannot say where a fault lies, and was last released in 2013.
struct CSVRecord {
    enum Result: Equatable {
        case whole([[UInt8]])
        /// A quoted field goes on in the next line.
        case open
        case fault(Fault)
    }

    struct Fault: Equatable {
        /// In bytes of the line that was fed last, from 1.
        var column: Int
        var message: String
    }

    private enum State {
        case fieldBegins, plain, quoted
        /// Behind a quote inside of a quoted field: its end, or the first of two.
        case quoteInQuoted
    }

    private static let quote = UInt8(ascii: "\"")

    let separator: UInt8
    private var state = State.fieldBegins
    private var fields: [[UInt8]] = []
    private var field: [UInt8] = []
    /// Of the field in hand and of those before.
    private(set) var byteCount = 0

    init(separator: UInt8) { self.separator = separator }

    /// - Parameter lineEnd: what stood between this line and the next, which belongs to a quoted field.
    mutating func feed(_ line: UnsafeRawBufferPointer, lineEnd: StaticString) -> Result {
        byteCount += line.count
        for (index, byte) in line.enumerated() {
            switch state {
            case .fieldBegins where byte == Self.quote: state = .quoted
            case .fieldBegins, .plain:
                if byte == separator {
                    endField()
                } else if byte == Self.quote {
                    return .fault(
                        Fault(column: index + 1, message: "a quote stands in a field without quotes around it"))
                } else {
                    field.append(byte)
                    state = .plain
                }
            case .quoted:
                if byte == Self.quote { state = .quoteInQuoted } else { field.append(byte) }
            case .quoteInQuoted:
                if byte == separator {
                    endField()
                } else if byte == Self.quote {
                    field.append(byte)
                    state = .quoted
                } else {
                    return .fault(Fault(column: index + 1, message: "something follows the quote that ends a field"))
                }
            }
        }
        guard state != .quoted else {
            lineEnd.withUTF8Buffer { field.append(contentsOf: $0) }
            return .open
        }
        endField()
        return .whole(fields)
    }

    private mutating func endField() {
        fields.append(field)
        field.removeAll()
        state = .fieldBegins
    }
}
