/// The personal records of a shard's journal, for readers: what projections and audits show of a person comes from here,
/// so that nothing but the journal ever holds it. Not for use by several threads at once.
public final class PersonalRecords {
    private let directory: String
    private let fileSystem: any FileSystem
    private let reader: PersonalReader
    private var segments: OpenSegments

    public init(directory: String, fileSystem: any FileSystem) throws {
        self.directory = directory
        self.fileSystem = fileSystem
        reader = PersonalReader(directory: directory)
        segments = OpenSegments(
            directory: directory, fileSystem: fileSystem, firsts: try SegmentName.list(directory, fileSystem))
    }

    deinit { segments.closeAll() }

    /// Hands out the personal data that begins at a position. Throws `.destroyed`, `.damaged`, `.notFound`, and what `use`
    /// throws.
    public func withPersonal<Value>(
        at position: UInt64, _ use: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value {
        guard let first = segments.first(of: position) else {
            throw JournalError(
                .notFound, path: directory, message: "no segment holds position \(position): read the journal again")
        }
        return try use(try reader.read(position, from: try segments.file(first), first: first))
    }
}
