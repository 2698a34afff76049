import Foundation
import Testing

/// `schemas/asyncapi.json` names what is there.
@Suite struct AsyncAPITests {
    private static func document() throws -> [String: Any] {
        let data = try Data(contentsOf: Schemas.folder.appendingPathComponent("asyncapi.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static func references(_ value: Any) -> [String] {
        switch value {
        case let object as [String: Any]:
            object.flatMap { key, member in
                key == "$ref" ? [member as? String ?? "not a text"] : references(member)
            }
        case let list as [Any]: list.flatMap(references)
        default: []
        }
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        let document = try Self.document()
        let references = Self.references(document)
        #expect(references.count > 2 * typeNames.count)
        for reference in references {
            if reference.hasPrefix("#/") {
                var place: Any? = document
                for part in reference.dropFirst(2).split(separator: "/") {
                    place = (place as? [String: Any])?[String(part)]
                }
                #expect(place != nil, "\(reference)")
            } else {
                let file = Schemas.folder.appendingPathComponent(reference)
                #expect(FileManager.default.fileExists(atPath: file.path), "\(reference)")
            }
        }
    }

    @Test func everyTypeOfEventIsInTheEventsChannelAndEverySchemaIsUsed() throws {
        let document = try Self.document()
        let channels = try #require(document["channels"] as? [String: [String: Any]])
        let events = try #require(channels["events"]?["messages"] as? [String: Any])
        #expect(Set(events.keys) == Set(typeNames.map { $0.replacingOccurrences(of: ".", with: "-") }))
        let used = Set(Self.references(document).filter { $0.hasPrefix("./") }.map { String($0.dropFirst(2)) })
        let schemas = try FileManager.default.contentsOfDirectory(atPath: Schemas.folder.path)
            .filter { $0.hasSuffix(".schema.json") }
        // The types' schemas extend the one that all events have in common.
        #expect(used == Set(schemas).subtracting(["event.schema.json"]))
    }
}
