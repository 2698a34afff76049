import Foundation

/// A condition that did not come true in time.
public struct TimedOut: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) { self.description = description }
}

/// Asks again and again until `attempt` has an answer. For what another process or thread brings about.
public func eventually<R>(
    _ what: String, within seconds: Double = 30, every interval: Double = 0.01, _ attempt: () throws -> R?
) throws -> R {
    let deadline = Date().addingTimeInterval(seconds)
    while true {
        if let answer = try attempt() { return answer }
        guard Date() < deadline else { throw TimedOut(description: "not within \(seconds) s: \(what)") }
        Thread.sleep(forTimeInterval: interval)
    }
}

/// How long `body` took, in seconds.
public func elapsed(_ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}
