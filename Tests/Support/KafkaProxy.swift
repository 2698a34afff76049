import Foundation
import Synchronization

/// Stands between Kafka clients and a broker on loopback, and understands as much of the protocol as it takes to know
/// which request a frame is, or answers: so that what goes wrong can go wrong at an exact moment.
///
/// Every frame begins with its length (4 bytes). A request continues with its API's number (2), the API's version (2) and
/// a correlation number (4), with which its response begins.
public final class KafkaProxy: @unchecked Sendable {
    public enum Direction: Sendable { case request, response }

    /// The requests of a transaction, by Kafka's numbers.
    public enum API {
        public static let addPartitionsToTransaction = 24
        public static let addOffsetsToTransaction = 25
        public static let endTransaction = 26
        public static let transactionOffsetCommit = 28
    }

    public enum Weather: Equatable, Sendable {
        case fair
        /// Every frame takes so long.
        case slow(milliseconds: Int)
        /// Connections stay, are even accepted, and nothing comes through.
        case hanging
        /// Connections are closed as soon as they are made.
        case refusing
    }

    /// A frame that does not come through: it springs once, and its connection is closed behind it.
    struct Trap {
        var apis: Set<Int>
        var direction: Direction
        var spring: @Sendable () -> Void
    }

    struct State {
        var weather = Weather.fair
        var trap: Trap?
        var connections: [Connection] = []
        var isClosed = false
    }

    public let port: UInt16
    let state = Mutex(State())
    /// Where the broker listens; it may be somewhere else after a restart.
    private let brokerPort: @Sendable () -> UInt16?
    private let listener: Int32

    /// - Parameter brokerPort: asked at each connection.
    public init(brokerPort: @escaping @Sendable () -> UInt16?) throws {
        self.brokerPort = brokerPort
        (listener, port) = try Loopback.listen()
        Thread.detachNewThread { [self] in accept() }
    }

    /// Lets nobody through any more, and is gone.
    public func close() {
        let connections = state.withLock { state in
            defer { state.connections = [] }
            state.isClosed = true
            state.trap = nil
            return state.connections
        }
        Loopback.shutDown(listener)
        for connection in connections { connection.cut() }
    }

    public func set(_ weather: Weather) { state.withLock { $0.weather = weather } }

    /// Holds back the next frame of one of these requests, or the answer to it, calls `spring`, and closes its connection.
    public func trap(_ apis: Set<Int>, _ direction: Direction, spring: @escaping @Sendable () -> Void) {
        state.withLock { $0.trap = Trap(apis: apis, direction: direction, spring: spring) }
    }

    public func removeTrap() { state.withLock { $0.trap = nil } }

    /// Whether the trap has sprung (or there is none).
    public var hasSprung: Bool { state.withLock { $0.trap == nil } }

    /// Ends every connection, in the midst of a frame if that can be.
    public func cutAll() { for connection in connections { connection.cut() } }

    /// Requests still reach the broker; the client is told that nothing will be answered.
    public func halfCloseAll() { for connection in connections { connection.halfClose() } }

    private var connections: [Connection] { state.withLock { $0.connections } }

    private func accept() {
        while let client = Loopback.accept(listener) {
            let weather = state.withLock { $0.isClosed ? .refusing : $0.weather }
            guard weather != .refusing, let port = brokerPort(), let broker = Loopback.connect(port) else {
                Loopback.close(client)
                continue
            }
            let connection = Connection(client: client, broker: broker, proxy: self)
            state.withLock { state in
                state.connections.removeAll { $0.isOver }
                state.connections.append(connection)
            }
            connection.start()
        }
        Loopback.close(listener)
    }
}
