/// The names of the types that a decoder knows, found by their bytes.
final class TypeNames {
    private let names: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>

    init(_ texts: [String]) {
        names = .allocate(capacity: texts.count)
        for (i, text) in texts.enumerated() {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
            copy.copyBytes(from: text.utf8)
            names.initializeElement(at: i, to: UnsafeRawBufferPointer(copy))
        }
    }

    deinit {
        for name in names { name.deallocate() }
        names.deallocate()
    }

    /// -1 if there is none.
    func index(of name: UnsafeRawBufferPointer) -> Int {
        for i in 0..<names.count where names[i].equals(name) { return i }
        return -1
    }
}
