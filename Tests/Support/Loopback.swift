import Foundation

/// Sockets on 127.0.0.1, blocking, as plain numbers.
enum Loopback {
    private static let backlog: Int32 = 64
    private static let stream = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func with<R>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> R
    ) -> R {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    /// A listener on a free port.
    static func listen() throws -> (descriptor: Int32, port: UInt16) {
        // Who writes to a connection that has gone is to see an error, and not to die.
        signal(SIGPIPE, SIG_IGN)
        let descriptor = socket(AF_INET, stream, 0)
        var address = address(0)
        guard descriptor >= 0, with(&address, { bind(descriptor, $0, $1) }) == 0,
            Glibc.listen(descriptor, backlog) == 0, with(&address, { getsockname(descriptor, $0, &$1) }) == 0
        else { throw TimedOut(description: "no port to listen on: errno \(errno)") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    static func accept(_ listener: Int32) -> Int32? {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                return hurried(descriptor)
            }
            guard errno == EINTR || errno == ECONNABORTED || errno == EMFILE else { return nil }
            if errno == EMFILE { Thread.sleep(forTimeInterval: 0.1) }
        }
    }

    static func connect(_ port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { return nil }
        var address = address(port)
        guard with(&address, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
        return hurried(descriptor)
    }

    private static func hurried(_ descriptor: Int32) -> Int32 {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    /// A frame with its length in front; `nil` where there is none any more.
    static func readFrame(_ descriptor: Int32, maximumBytes: Int) -> [UInt8]? {
        guard let head = read(descriptor, count: 4) else { return nil }
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard length <= maximumBytes, let rest = read(descriptor, count: length) else { return nil }
        return head + rest
    }

    private static func read(_ descriptor: Int32, count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = recv(descriptor, buffer.baseAddress! + filled, count - filled, 0)
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { return }
                filled += got
            }
        }
        return bytes.count == count ? bytes : nil
    }

    /// - Returns: whether all was taken.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let sent = send(
                    descriptor, bytes.baseAddress! + written, bytes.count - written, Int32(MSG_NOSIGNAL))
                if sent < 0 && errno == EINTR { continue }
                guard sent > 0 else { return false }
                written += sent
            }
            return true
        }
    }

    static func shutDown(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    static func shutDownWriting(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }
}
