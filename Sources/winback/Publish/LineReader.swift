import Glibc
import Journal
import Terminal

/// Reads a file, or standard input, a line at a time, without ever holding more than one line.
struct LineReader: ~Copyable {
    /// More than a broker takes in one message by default.
    static let longestLine = 2 << 20

    /// For messages.
    let name: String
    private let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    /// Of the line that was read last; from 1.
    private(set) var lineNumber = 0
    /// Whether that line ended with a carriage return besides.
    private(set) var hadCarriageReturn = false
    /// Of all lines that were read: of the digest before and the line.
    private(set) var digest = FrameHash.zero
    private let sha = SHA256()

    /// - Parameter path: `-` is standard input.
    static func open(_ path: String) throws -> LineReader {
        let descriptor = path == "-" ? STDIN_FILENO : Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandError(.noInput, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        return LineReader(name: path == "-" ? "standard input" : path, descriptor: descriptor)
    }

    private init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
        buffer = .allocate(byteCount: Self.longestLine, alignment: 1)
    }

    deinit {
        buffer.deallocate()
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next line without its end; nil after the last. Valid until the next call.
    mutating func next() throws -> UnsafeRawBufferPointer? {
        var searched = start
        while true {
            if let found = memchr(buffer.baseAddress! + searched, 10, end - searched) {
                let length = UnsafeRawPointer(found) - UnsafeRawPointer(buffer.baseAddress! + start)
                return take(length, andSkip: 1)
            }
            if isAtEnd { return start == end ? nil : take(end - start, andSkip: 0) }
            searched = try fill()
        }
    }

    private mutating func take(_ length: Int, andSkip newline: Int) -> UnsafeRawBufferPointer {
        lineNumber += 1
        let line = UnsafeRawBufferPointer(rebasing: buffer[start..<start + length])
        start += length + newline
        digest = withUnsafeBytes(of: &digest) { sha.digest(UnsafeRawBufferPointer($0), line) }
        hadCarriageReturn = line.last == 13
        return hadCarriageReturn ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
    }

    /// Reads more behind what is there. Returns from where on there is something new.
    private mutating func fill() throws -> Int {
        let kept = end - start
        memmove(buffer.baseAddress!, buffer.baseAddress! + start, kept)
        start = 0
        end = kept
        guard end < buffer.count else {
            throw CommandError(
                .data, "\(name):\(lineNumber + 1): the line is longer than \(NumberText.bytes(Int64(buffer.count)))")
        }
        let count = read(descriptor, buffer.baseAddress! + end, buffer.count - end)
        if count < 0 {
            guard errno == EINTR else {
                throw CommandError(.inputOutput, "\(name) cannot be read: \(String(cString: strerror(errno)))")
            }
        } else {
            isAtEnd = count == 0
            end += count
        }
        return kept
    }
}
