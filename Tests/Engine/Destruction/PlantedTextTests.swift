import Foundation
import Testing

/// A search that finds nothing must have been able to find it.
@Suite struct PlantedTextTests {
    @Test(arguments: 0..<5)
    func everyFormIsFoundWhereverItStands(shift: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("planted-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let planted = PlantedText("Zoë-Qwertz")
        let before = String(repeating: "x", count: shift)
        let text = before + planted.text + "!"
        let escapes = planted.text.utf16.map { String(format: "\\u%04x", Int($0)) }.joined()
        let files: [String: Data] = [
            "utf8": Data(text.utf8), "utf16le": text.data(using: .utf16LittleEndian)!,
            "utf16be": text.data(using: .utf16BigEndian)!, "escapes": Data((before + escapes).utf8),
            "capitals": Data(escapes.uppercased().replacingOccurrences(of: "\\U", with: "\\u").utf8),
            "base64": Data(text.utf8).base64EncodedData(),
        ]
        for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
        let found = try planted.places(in: folder.path)
        for name in files.keys { #expect(found.contains { $0.hasSuffix(" in \(name)") }, "\(name): \(found)") }
        #expect(try PlantedText("Zoë-Other").places(in: folder.path) == [])
    }
}
