/// Finds the word that somebody probably meant.
public enum Suggestion {
    /// Words longer than this are not compared: the cost grows with the square.
    static let longestWord = 64

    /// The candidate nearest to `word`, or nil where none is near: at most a third of its letters differ
    /// (an exchange of neighbours counts as one), or `word` is the beginning of exactly one candidate.
    public static func closest(to word: String, among candidates: [String]) -> String? {
        guard !word.isEmpty, word.utf8.count <= longestWord else { return nil }
        let lowercased = word.lowercased()
        var best: (word: String, distance: Int)?
        for candidate in candidates where candidate.utf8.count <= longestWord {
            let distance = distance(Array(lowercased), Array(candidate.lowercased()))
            if distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        if let best, best.distance <= max(1, word.count / 3), best.distance < best.word.count { return best.word }
        let continued = candidates.filter { $0.lowercased().hasPrefix(lowercased) }
        return continued.count == 1 ? continued[0] : nil
    }

    /// Optimal string alignment: insertions, deletions, replacements and exchanges of neighbours.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            for j in 0..<b.count {
                var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
