import Foundation
import FuzzTrials
import Testing

/// The fuzz targets on their corpus and on mutations of it; `scripts/fuzz` does the same with libFuzzer.
@Suite struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fuzz")
    private static let mutations = 1_500

    private static func corpus(_ target: FuzzTarget) throws -> [[UInt8]] {
        let folder = folder.appendingPathComponent("Corpus/\(target.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
    }

    /// The words between quotes, a line each.
    private static func words(_ target: FuzzTarget) throws -> [[UInt8]] {
        let url = folder.appendingPathComponent("Words/\(target.rawValue)")
        guard FileManager.default.fileExists(atPath: url.path) else { return [] }
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("\"") }
            .map { Array($0.dropFirst().dropLast().replacing("\\\"", with: "\"").utf8) }
    }

    @Test(arguments: FuzzTarget.allCases)
    func whatIsInTheCorpusIsReadRightly(target: FuzzTarget) throws {
        let corpus = try Self.corpus(target)
        #expect(!corpus.isEmpty)
        let trial = try target.makeTrial()
        for input in corpus + [[]] { #expect(input.withUnsafeBytes { trial.run($0) } == nil) }
    }

    @Test(arguments: FuzzTarget.allCases)
    func whatIsMadeOfTheCorpusByChanceIsReadRightly(target: FuzzTarget) throws {
        let corpus = try Self.corpus(target)
        let trial = try target.makeTrial()
        var mutation = Mutation(seed: 1, words: try Self.words(target))
        for number in 0..<Self.mutations {
            let input = mutation.next(corpus, trial)
            let wrong = input.withUnsafeBytes { trial.run($0) }
            #expect(wrong == nil, "\(target), mutation \(number): \(Data(input).base64EncodedString())")
            if wrong != nil { break }
        }
    }
}
