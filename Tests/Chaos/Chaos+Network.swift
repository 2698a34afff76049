import Foundation
import KafkaTestSupport

/// What is done to the network between Winback and its broker.
extension Chaos {
    func slowNetwork() throws {
        defer { stage.proxy.set(.fair) }
        stage.proxy.set(.slow(milliseconds: Int.random(in: 20...200, using: &random)))
        wait(1...3)
    }

    /// Nothing comes through for a while, then all of it, late; or the connections are found to be dead.
    func hangNetwork() throws {
        defer { stage.proxy.set(.fair) }
        wait(0...0.5)
        stage.proxy.set(.hanging)
        // Now and then for longer than the session.
        wait(random.chance(25) ? 7...9 : 0.5...3)
        if Bool.random(using: &random) { stage.proxy.cutAll() }
    }

    func cutNetwork() throws {
        defer { stage.proxy.set(.fair) }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            wait(0...0.5)
            stage.proxy.cutAll()
        }
        guard Bool.random(using: &random) else { return }
        stage.proxy.set(.refusing)
        stage.proxy.cutAll()
        wait(0.5...2)
    }

    func halfCloseNetwork() throws {
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            wait(0...0.5)
            stage.proxy.halfCloseAll()
        }
    }
}
