/// Who is behind a visit, and what it is about: all of it follows from the seed and the visit's number.
struct Visit {
    var number: UInt64
    var person: UInt64
    var product: Story.Product
    var firstName: Int
    var lastName: Int
    var domain: Int
    /// The place in the products of its kind.
    var item: Int
    /// A few people don't consent, or mistype their address.
    var consents: Bool
    var hasUsableAddress: Bool
    /// Gives the address only with the second event.
    var isShy: Bool

    @inline(__always)
    init(number: UInt64, person: UInt64, product: Story.Product, draw: Draw) {
        self.number = number
        self.person = person
        self.product = product
        let ofPerson = draw(person, 1)
        firstName = Int(Draw.scale(ofPerson << 8, below: UInt64(People.firstNameCount)))
        lastName = Int(Draw.scale(ofPerson << 24, below: UInt64(People.lastNameCount)))
        domain = Int(Draw.scale(ofPerson << 40, below: UInt64(People.domainCount)))
        hasUsableAddress = ofPerson & 63 != 0
        let ofVisit = draw(number, 2)
        item = Int(Draw.scale(ofVisit << 8, below: UInt64(People.productCount)))
        consents = ofVisit & 31 != 0
        isShy = ofVisit >> 5 & 3 == 0
    }
}

extension People {
    static let firstNameCount = firstNames.count
    static let lastNameCount = lastNames.count
    static let domainCount = domains.count
    /// Of each kind.
    static let productCount = 6
}
