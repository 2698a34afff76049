import RandomTestSupport

/// Mutates inputs without libFuzzer and its knowledge of what was reached: for the ordinary tests.
public struct Mutation {
    private var random: SeededGenerator
    private let words: [[UInt8]]
    private static let changes = 1...6
    private static let sizeLimit = 1 << 14

    /// - Parameter words: what may be put in between, besides bytes.
    public init(seed: UInt64, words: [[UInt8]] = []) {
        random = SeededGenerator(seed: seed)
        self.words = words
    }

    /// Some changes to one of the inputs; with the `repair` of the trial.
    public mutating func next(_ corpus: [[UInt8]], _ trial: any FuzzTrial) -> [UInt8] {
        var input = corpus.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: Self.changes, using: &random) { change(&input, corpus) }
        let choice = UInt32(truncatingIfNeeded: random.next())
        input.withUnsafeMutableBytes { trial.repair($0, choice: choice) }
        return input
    }

    private mutating func change(_ input: inout [UInt8], _ corpus: [[UInt8]]) {
        guard !input.isEmpty, input.count < Self.sizeLimit else {
            input = corpus.first ?? []
            return
        }
        let place = Int.random(in: input.indices, using: &random)
        let count = min(input.count - place, Int.random(in: 1...32, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: input[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: input[place] = UInt8.random(in: 0...255, using: &random)
        case 2: input.removeSubrange(place..<place + count)
        case 3: input.insert(contentsOf: input[place..<place + count], at: place)
        case 4: input[place] = [0, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
        case 5: input.insert(contentsOf: words.randomElement(using: &random) ?? [0], at: place)
        case 6:
            let other = corpus.randomElement(using: &random) ?? []
            input = Array(input[..<place]) + other.dropFirst(min(place, other.count))
        default: input.removeLast(count)
        }
    }
}
