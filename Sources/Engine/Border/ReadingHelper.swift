/// Reads groups of messages on a thread of its own, for as long as it lives.
final class ReadingHelper {
    private let groups: EventGroups
    private let reader: EventReader
    private let thread: JoinableThread

    /// - Parameter reader: the helper's from now on.
    init(of groups: EventGroups, reader: EventReader) {
        self.groups = groups
        self.reader = reader
        nonisolated(unsafe) let threadsReader = reader
        thread = JoinableThread(name: "winback-read") { groups.serve(threadsReader.read) }
        thread.start()
    }

    /// What has been odd about the events that it has read. Not while it reads.
    var tally: Normaliser.Tally { reader.tally }

    deinit {
        groups.close()
        thread.wait()
    }
}
