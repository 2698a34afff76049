import Engine
import Journal
import Journey
import Records

/// What was to be destroyed is, and nothing else: looked up in a journal as an auditor would, beside the engine's own state.
struct DestructionCheck {
    private let path: String
    private let disk: any FileSystem
    private(set) var violations: [String] = []
    /// Records of the erased: each has to be gone.
    private(set) var destroyed = 0

    /// - Parameter data: the data directory of an engine that had time to finish.
    init(data: String, partition: Int32, on disk: any FileSystem) throws {
        path = "\(data)/shards/\(partition)"
        self.disk = disk
        let state = try JournalState(
            try DataDirectory.openForReading(data, fileSystem: disk), partition: partition)
        checkReferences(try unreadable(state), state)
        try checkErased()
    }

    private func unreadable(_ state: JournalState) throws -> Int {
        var count = 0
        try state.visitProspects { _, prospect, _ in
            for journey in prospect.journeys where journey.opening != .none {
                let isThere = try state.opening(of: journey) != nil && state.person(prospect, journey) != nil
                if !isThere { count += 1 }
            }
        }
        return count
    }

    private mutating func checkReferences(_ unreadable: Int, _ state: JournalState) {
        if unreadable > 0 { violations.append("\(path): the data of \(unreadable) journeys is destroyed and needed") }
        let outstanding = state.outstandingErasures.count
        if outstanding > 0 { violations.append("\(path): \(outstanding) erasures have never been finished") }
    }

    private mutating func checkErased() throws {
        var known: [ProspectKey: [UInt64]] = [:]
        var gone: [UInt64] = []
        var prospect: ProspectKey?
        func note(_ record: RecordPosition) {
            if let prospect, record != .none { known[prospect, default: []].append(record.rawValue) }
        }
        let reader = try JournalReader(directory: path, fileSystem: disk)
        while let frame = try reader.next() {
            var records = try RecordReader(frame.body, position: frame.position)
            while let record = try records.next() {
                switch record {
                case .input(let input):
                    prospect = input.prospect
                    note(input.details.record)
                case .timer(let key), .migration(let key), .match(let key): prospect = key
                case .fact(.opened(let opening)): note(opening.details.record)
                case .fact(.detailsRefreshed(_, let details, _)): note(details.record)
                case .fact(.contactRefreshed(let record, _)): note(record)
                case .fact(.erased), .fact(.addressErased):
                    if let prospect { gone += known.removeValue(forKey: prospect) ?? [] }
                default: continue
                }
            }
        }
        let records = try PersonalRecords(directory: path, fileSystem: disk)
        for position in Set(gone) {
            do {
                try records.withPersonal(at: position) { _ in }
                violations.append("\(path): a record of somebody who was erased is there, at position \(position)")
            } catch let error as JournalError where error.code == .destroyed {
                destroyed += 1
            }
        }
    }
}
