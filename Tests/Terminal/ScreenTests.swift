import Foundation
import Testing

@testable import Terminal

struct ScreenTests {
    @Test func aPipeIsNoTerminalAndHasNoColour() throws {
        let pipe = Pipe()
        let screen = Screen(descriptor: pipe.fileHandleForWriting.fileDescriptor) { _ in nil }
        #expect(!screen.isTerminal && !screen.usesColour)
        #expect(screen.width == Screen.assumedWidth)
        #expect(screen.styled("x", .red) == "x")
        screen.line("hello")
        try pipe.fileHandleForWriting.close()
        #expect(try pipe.fileHandleForReading.readToEnd() == Data("hello\n".utf8))
    }

    @Test func aPseudoTerminalIsATerminal() throws {
        let (master, slave) = try openTerminal()
        defer {
            close(master)
            close(slave)
        }
        #expect(Screen(descriptor: slave) { _ in nil }.isTerminal)
        #expect(Screen(descriptor: slave) { _ in nil }.usesColour)
        #expect(Screen(descriptor: slave) { $0 == "COLUMNS" ? "133" : nil }.width == 133)
        var size = winsize(ws_row: 24, ws_col: 97, ws_xpixel: 0, ws_ypixel: 0)
        #expect(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
        #expect(Screen(descriptor: slave) { $0 == "COLUMNS" ? "133" : nil }.width == 97)
    }

    @Test func noColorAndADumbTerminalHaveNoColour() throws {
        let (master, slave) = try openTerminal()
        defer {
            close(master)
            close(slave)
        }
        #expect(!Screen(descriptor: slave) { $0 == "NO_COLOR" ? "1" : nil }.usesColour)
        #expect(Screen(descriptor: slave) { $0 == "NO_COLOR" ? "" : nil }.usesColour)
        #expect(!Screen(descriptor: slave) { $0 == "TERM" ? "dumb" : nil }.usesColour)
    }

    @Test func aReaderThatHasGoneAwayIsNoError() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        let screen = Screen(descriptor: pipe.fileHandleForWriting.fileDescriptor) { _ in nil }
        try pipe.fileHandleForReading.close()
        screen.line("nobody reads this")
    }

    @Test func textLongerThanThePipeIsWrittenWhole() async throws {
        let pipe = Pipe()
        // Non-blocking, as a terminal that is shared with another program may be.
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
        let text = String(repeating: "0123456789abcdef", count: 40_000)
        let reader = Task.detached { try pipe.fileHandleForReading.readToEnd() }
        Screen(descriptor: descriptor) { _ in nil }.write(text)
        try pipe.fileHandleForWriting.close()
        #expect(try await reader.value == Data(text.utf8))
    }

    /// A pseudo-terminal by the kernel's own interface; the C library's is hidden from Swift.
    private func openTerminal() throws -> (master: Int32, slave: Int32) {
        let getNumber: UInt = 0x8004_5430  // TIOCGPTN
        let setLock: UInt = 0x4004_5431  // TIOCSPTLCK
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(master >= 0, "there are pseudo-terminals")
        var number: UInt32 = 0
        var locked: Int32 = 0
        try #require(ioctl(master, getNumber, &number) == 0 && ioctl(master, setLock, &locked) == 0)
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(slave >= 0)
        return (master, slave)
    }
}
