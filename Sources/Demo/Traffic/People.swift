/// The invented people and products of the generated traffic.
enum People {
    struct Name {
        var first: String
        /// As it stands in an address.
        var plain: String

        init(_ first: String, _ plain: String? = nil) {
            self.first = first
            self.plain = plain ?? first.lowercased()
        }
    }

    struct Product {
        var id: String
        var name: String
    }

    static let firstNames: [Name] = [
        Name("Ada"), Name("Alice"), Name("Amélie", "amelie"), Name("Anton"), Name("Björn", "bjoern"), Name("Carla"),
        Name("Chloé", "chloe"), Name("Dario"), Name("Elif"), Name("Emma"), Name("Felix"), Name("Greta"), Name("Hana"),
        Name("Ivan"), Name("Jürgen", "juergen"), Name("Kofi"), Name("Lara"), Name("Léo", "leo"), Name("Malik"),
        Name("Mia"), Name("Nadia"), Name("Noah"), Name("Olga"), Name("Paul"), Name("Priya"), Name("Quentin"),
        Name("Rosa"), Name("Samir"), Name("Søren", "soeren"), Name("Tomás", "tomas"), Name("Yuki"), Name("Zoë", "zoe"),
    ]

    static let lastNames: [Name] = [
        Name("Abel"), Name("Baker"), Name("Costa"), Name("Dubois"), Name("Eriksen"), Name("Fischer"),
        Name("García", "garcia"),
        Name("Hoffmann"), Name("Ito"), Name("Jansen"), Name("Kowalski"), Name("Lindqvist"), Name("Moreau"),
        Name("Nowak"),
        Name("Okafor"), Name("Petrov"), Name("Quinn"), Name("Rossi"), Name("Schmidt"), Name("Tanaka"), Name("Ullrich"),
        Name("Varga"), Name("Weber"), Name("Yilmaz"),
    ]

    static let insurance: [Product] = [
        Product(id: "bike", name: "Bike insurance"), Product(id: "household", name: "Household insurance"),
        Product(id: "pet", name: "Pet insurance"), Product(id: "travel", name: "Travel insurance"),
        Product(id: "phone", name: "Phone insurance"), Product(id: "instrument", name: "Instrument insurance"),
    ]

    static let memberships: [Product] = [
        Product(id: "monthly", name: "Monthly membership"), Product(id: "yearly", name: "Yearly membership"),
        Product(id: "baking", name: "Sourdough from scratch"), Product(id: "guitar", name: "Guitar for beginners"),
        Product(id: "drawing", name: "Drawing every day"), Product(id: "garden", name: "A garden on the balcony"),
    ]

    static let domains = ["example.com", "example.org", "example.net"]
}
