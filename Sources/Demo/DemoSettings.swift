/// How a demo is to be played.
public struct DemoSettings: Sendable, Equatable {
    /// The real broker to play on; nil: one inside this program.
    public var kafka: String?
    /// How long it takes. The same days pass in it, however short it is.
    public var seconds = 80
    public var seed: UInt64 = 1
    /// The program's name as it was typed, for the commands that are suggested at the end.
    public var program = "winback"

    public init() {}

    public static let secondsRange = 20...3600
}
