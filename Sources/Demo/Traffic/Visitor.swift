/// The person behind an event, for people to read.
public struct Visitor: Sendable, Equatable {
    public var name: String
    /// What they look at.
    public var product: String
    public var isInsurance: Bool

    init(_ visit: Visit) {
        name = People.firstNames[visit.firstName].first + " " + People.lastNames[visit.lastName].first
        isInsurance = visit.product == .insurance
        product = (isInsurance ? People.insurance : People.memberships)[visit.item].name
    }
}
