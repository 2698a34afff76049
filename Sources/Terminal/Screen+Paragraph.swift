extension Screen {
    /// A paragraph of a narrower text would be hard to read; a line may be longer then than the screen is wide.
    private static let narrowestParagraph = 40

    /// Writes text of several styles; on a terminal its lines are broken between words, and all but the first are indented.
    ///
    /// - Parameter start: what stands in the first line in place of the indent, and is as wide.
    public func paragraph(_ start: String, indent: Int, _ runs: [(text: String, style: Style?)]) {
        let runs = runs.filter { !$0.text.isEmpty }
        guard isTerminal else { return line(start + runs.map(\.text).joined(separator: " ")) }
        let limit = max(Self.narrowestParagraph, width - indent)
        var text = start
        // Of one style, not yet in `text`.
        var words = ""
        var used = 0
        for run in runs {
            for word in run.text.split(separator: " ") {
                let cells = TextWidth.of(String(word))
                if used > 0, used + 1 + cells > limit {
                    line(text + styled(words, run.style))
                    (text, words, used) = (String(repeating: " ", count: indent), "", 0)
                }
                words += (used > 0 ? " " : "") + word
                used += cells + (used > 0 ? 1 : 0)
            }
            text += styled(words, run.style)
            words = ""
        }
        line(text)
    }
}
