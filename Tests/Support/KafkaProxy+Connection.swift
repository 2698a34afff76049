import Foundation
import Synchronization

extension KafkaProxy {
    /// A client's connection and the one to the broker that it is led to; a thread for each direction.
    final class Connection: @unchecked Sendable {
        private struct State {
            /// Which API a response belongs to, by its correlation number.
            var asked: [UInt32: Int] = [:]
            var isSilent = false
            var isOver = false
            /// How many of the two threads have ended: the last one closes the sockets.
            var ended = 0
        }

        private let client, broker: Int32
        private let proxy: KafkaProxy
        private let state = Mutex(State())

        /// More is no frame of ours.
        private static let maximumFrameBytes = 64 << 20

        init(client: Int32, broker: Int32, proxy: KafkaProxy) {
            (self.client, self.broker, self.proxy) = (client, broker, proxy)
        }

        var isOver: Bool { state.withLock { $0.isOver } }

        func start() {
            Thread.detachNewThread { [self] in run(.request, from: client, to: broker) }
            Thread.detachNewThread { [self] in run(.response, from: broker, to: client) }
        }

        func cut() {
            // Under the lock, so that the numbers are not those of other sockets yet.
            state.withLock { state in
                guard state.ended < 2 else { return }
                state.isOver = true
                Loopback.shutDown(client)
                Loopback.shutDown(broker)
            }
        }

        func halfClose() {
            state.withLock { state in
                guard state.ended < 2 else { return }
                state.isSilent = true
                Loopback.shutDownWriting(client)
            }
        }

        private func run(_ direction: Direction, from source: Int32, to target: Int32) {
            while let frame = Loopback.readFrame(source, maximumBytes: Self.maximumFrameBytes) {
                let api = note(frame, direction)
                if let trap = takeTrap(api, direction) {
                    trap.spring()
                    break
                }
                guard waitForWeather() else { break }
                if direction == .response && state.withLock({ $0.isSilent }) { continue }
                guard Loopback.write(frame, to: target) else { break }
            }
            cut()
            let isLast = state.withLock { state in
                state.ended += 1
                return state.ended == 2
            }
            guard isLast else { return }
            Loopback.close(client)
            Loopback.close(broker)
        }

        /// The API of a frame.
        private func note(_ frame: [UInt8], _ direction: Direction) -> Int? {
            func number(_ offset: Int, _ bytes: Int) -> UInt32? {
                guard frame.count >= offset + bytes else { return nil }
                return frame[offset..<offset + bytes].reduce(0) { $0 << 8 | UInt32($1) }
            }
            return state.withLock { state in
                switch direction {
                case .request:
                    guard let api = number(4, 2), let correlation = number(8, 4) else { return nil }
                    state.asked[correlation] = Int(api)
                    return Int(api)
                case .response:
                    return number(4, 4).flatMap { state.asked.removeValue(forKey: $0) }
                }
            }
        }

        private func takeTrap(_ api: Int?, _ direction: Direction) -> Trap? {
            proxy.state.withLock { state in
                guard let api, let trap = state.trap, trap.direction == direction, trap.apis.contains(api) else {
                    return nil
                }
                state.trap = nil
                return trap
            }
        }

        /// - Returns: false once the connection has been cut.
        private func waitForWeather() -> Bool {
            if case .slow(let milliseconds) = proxy.state.withLock({ $0.weather }) {
                Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
            }
            while !isOver && proxy.state.withLock({ $0.weather == .hanging && !$0.isClosed }) {
                Thread.sleep(forTimeInterval: 0.01)
            }
            return !isOver
        }
    }
}
