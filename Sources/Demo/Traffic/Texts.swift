import Journey

/// The texts of the generated events as bytes, to be copied from without touching a `String`.
final class Texts {
    let firstNames: [UnsafeRawBufferPointer]
    let lastNames: [UnsafeRawBufferPointer]
    let plainFirstNames: [UnsafeRawBufferPointer]
    let plainLastNames: [UnsafeRawBufferPointer]
    let domains: [UnsafeRawBufferPointer]
    let productIDs: [[UnsafeRawBufferPointer]]
    let productNames: [[UnsafeRawBufferPointer]]
    /// By raw value.
    let types: [UnsafeRawBufferPointer]
    private let owned: [UnsafeRawBufferPointer]

    init() {
        var owned: [UnsafeRawBufferPointer] = []
        func place(_ texts: [String]) -> [UnsafeRawBufferPointer] {
            texts.map { text in
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
                copy.copyBytes(from: text.utf8)
                owned.append(UnsafeRawBufferPointer(copy))
                return UnsafeRawBufferPointer(copy)
            }
        }
        firstNames = place(People.firstNames.map(\.first))
        lastNames = place(People.lastNames.map(\.first))
        plainFirstNames = place(People.firstNames.map(\.plain))
        plainLastNames = place(People.lastNames.map(\.plain))
        domains = place(People.domains)
        let products = [People.insurance, People.memberships]
        productIDs = products.map { place($0.map(\.id)) }
        productNames = products.map { place($0.map(\.name)) }
        types = place((0...EventType.allCases.map(\.rawValue).max()!).map { EventType(rawValue: $0)?.name ?? "" })
        self.owned = owned
    }

    deinit { for text in owned { text.deallocate() } }
}
