/// What one prospect does.
public struct Story: Hashable, Sendable {
    public var prospect: String
    public var happenings: [Happening]
}
