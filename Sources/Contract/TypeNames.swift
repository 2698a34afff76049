/// The names of the types that a decoder knows, found by their bytes.
struct TypeNames {
    private let names: [[UInt8]]

    init(_ names: [String]) { self.names = names.map { Array($0.utf8) } }

    /// -1 if there is none.
    func index(of name: UnsafeRawBufferPointer) -> Int {
        for i in names.indices where names[i].count == name.count {
            if names[i].withUnsafeBytes({ $0.equals(name) }) { return i }
        }
        return -1
    }
}
