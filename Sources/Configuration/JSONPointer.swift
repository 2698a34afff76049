/// Checks JSON pointers (RFC 6901) into events: `/data/product/name`.
enum JSONPointer {
    /// What is wrong with the pointer, if anything.
    static func complaint(_ pointer: String) -> String? {
        guard pointer.hasPrefix("/") else {
            return "is no JSON pointer: it begins with `/`, as in `/data/product/name`; a constant is `{value: …}`"
        }
        let tokens = pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard tokens.allSatisfy({ !$0.isEmpty }) else { return "is no JSON pointer: there is nothing between two `/`" }
        for token in tokens {
            for (index, character) in zip(token.indices, token) where character == "~" {
                let next = token.index(after: index)
                guard next < token.endIndex, token[next] == "0" || token[next] == "1" else {
                    return "is no JSON pointer: write `~0` for `~` and `~1` for `/` in a name"
                }
            }
        }
        if tokens == ["data"] { return "points at all of `data`: name one field in it, as in `/data/product/name`" }
        let isAttribute = tokens.count == 1 && tokens[0].utf8.allSatisfy(isAttributeByte)
        guard tokens[0] == "data" || isAttribute else {
            return "points nowhere: it must begin with `/data/`, or be an attribute of the event such as `/source`"
        }
        return nil
    }

    /// What was probably meant.
    static func guess(_ pointer: String) -> String? {
        var text = pointer
        if text.hasPrefix("$.") || text.hasPrefix("#/") { text = String(text.dropFirst(2)) }
        if !text.contains("/") { text = text.replacing(".", with: "/") }
        if !text.hasPrefix("/") { text = "/" + text }
        if text.lowercased().hasPrefix("/data/") { text = "/data/" + text.dropFirst(6) }
        if text.dropFirst().contains("/"), !text.hasPrefix("/data/") { text = "/data" + text }
        return text != pointer && text.hasPrefix("/data/") && complaint(text) == nil ? text : nil
    }

    /// CloudEvents attributes are named in lower-case letters and digits.
    private static func isAttributeByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte)
    }
}

extension String {
    /// A member's name as a part of a JSON pointer.
    public var pointerToken: String { replacing("~", with: "~0").replacing("/", with: "~1") }
}
