import Foundation

/// A text that no file may hold any more, in any of the forms in which programs write texts.
struct PlantedText {
    let text: String
    /// What is looked for, with the form's name.
    let forms: [(name: String, bytes: Data)]

    init(_ text: String) {
        self.text = text
        let units = Array(text.utf16)
        func escaped(_ format: String) -> Data {
            Data(units.map { String(format: "\\u" + format, Int($0)) }.joined().utf8)
        }
        var forms: [(String, Data)] = [
            ("UTF-8", Data(text.utf8)),
            ("UTF-16LE", Data(units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })),
            ("UTF-16BE", Data(units.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })),
            ("JSON escapes", escaped("%04x")), ("JSON escapes in capitals", escaped("%04X")),
        ]
        for shift in 0..<3 { forms.append(("base64 behind \(shift) bytes", Self.base64(Data(text.utf8), shift))) }
        self.forms = forms
    }

    /// Those digits of the encoded text that do not depend on what stands before and behind it.
    private static func base64(_ bytes: Data, _ shift: Int) -> Data {
        let encoded = (Data(repeating: 0, count: shift) + bytes).base64EncodedData()
        return encoded[(shift * 8 + 5) / 6..<(shift + bytes.count) * 8 / 6]
    }

    /// Where the text is found in the files of a folder, in whichever form.
    func places(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().flatMap { path -> [String] in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(path)") else { return [] }
            return forms.filter { data.range(of: $0.bytes) != nil }.map { "\(text) as \($0.name) in \(path)" }
        }
    }
}
