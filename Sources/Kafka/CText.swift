/// Text that C writes into a buffer of ours.
enum CText {
    static func read<R>(capacity: Int = 512, _ fill: (UnsafeMutablePointer<CChar>, Int) -> R) -> (
        result: R, text: String
    ) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            buffer.initialize(repeating: 0)
            let result = fill(buffer.baseAddress!, capacity)
            return (result, String(cString: buffer.baseAddress!))
        }
    }
}
