import Engine
import Journal
import Journey
import Records

/// What of a journal's frames tells the person that is asked for, and whom it has told so far.
struct PersonSearch {
    private let question: PersonQuestion
    private var keys: Set<ProspectKey> = []
    private var address: UInt64?
    /// In lower case.
    private var email: String?
    private var journey: JourneyID?
    /// Bytes of which a frame that matters holds some.
    private var marks: [[UInt8]] = []
    /// None where looking for them would cost more than it saves.
    var cheapMarks: [[UInt8]] { marks.count > Self.maximumMarks ? [] : marks }
    var partition: Int32 = 0
    private(set) var found: Set<PersonFinder.Found> = []
    private(set) var message: PassedMessage?

    init(_ question: PersonQuestion, _ names: PersonNames) {
        self.question = question
        switch question {
        case .prospect(let id, let tenant):
            marks = [PersonalData.mark(prospectID: id)]
            if let tenant { addKeys(of: [tenant], names) }
        case .email(let text, let tenant):
            address = names.address(text)
            email = address == nil ? nil : PersonalData.normalised(text)
            if let address { marks = [withUnsafeBytes(of: address.littleEndian) { Array($0) }] }
            // One that is known by the address alone; and an erasure that was asked for in the name of no tenant.
            addKeys(of: [tenant, ""].compactMap { $0 }, names)
        case .journey(let journey), .command(let journey, _):
            self.journey = journey
            marks = [journey.mark]
        case .message: break
        }
    }

    /// What finds the person in the indexes of finished segments; `nil` where nothing does.
    var indexKeys: Set<UInt64>? {
        let known = Set(keys.map(\.high))
        switch question {
        case .prospect: return known.isEmpty ? nil : known
        case .email: return address.map { known.union([$0, SegmentKey.addresses]) }
        case .journey, .command: return journey.map { [$0.high] }
        case .message: return nil
        }
    }

    /// Whether nothing further that the partition holds can tell more: whoever is asked for by keys has been found by all of
    /// them, and a journey is one person's.
    var isSettled: Bool {
        switch question {
        case .prospect:
            !keys.isEmpty && keys.allSatisfy { found.contains(.init(partition: partition, prospect: $0)) }
        case .journey, .command: !found.isEmpty
        case .message: message != nil || !found.isEmpty
        case .email: false
        }
    }

    /// Whether the person may be known under another key than the one that the index was searched for.
    var isNamedInRecords: Bool {
        if case .prospect(_, .some) = question { true } else { false }
    }

    /// Whether the question leaves open whose prospect it is.
    var mayBeOfAnyTenant: Bool {
        switch question {
        case .prospect(_, let tenant), .email(_, let tenant): tenant == nil
        case .journey, .command, .message: false
        }
    }

    mutating func addKeys(of tenants: [String], _ names: PersonNames) {
        for tenant in tenants {
            switch question {
            case .prospect(let id, _): keys.insert(names.prospect(tenant: tenant, id: id))
            case .email(let text, _): if let key = names.prospect(tenant: tenant, email: text) { keys.insert(key) }
            case .journey, .command, .message: break
            }
        }
        marks += keys.map(\.mark).filter { !marks.contains($0) }
    }

    /// Looking for more of them in a frame takes longer than reading it.
    private static let maximumMarks = 16

    /// Whether the frame may tell also where it holds none of the marks.
    func mustRead(_ frame: Frame) -> Bool {
        if marks.count > Self.maximumMarks { return true }
        return switch question {
        case .email: frame.mayLackAddresses
        case .message: true
        case .prospect, .journey, .command: false
        }
    }

    /// What has to be read of a frame that an index has found by a key.
    var neededPart: Frame.Part {
        switch question {
        // Some addresses have no keyed hash beside them.
        case .email: .whole
        case .prospect, .journey, .command, .message: .covered
        }
    }

    mutating func read(_ step: JournalWalk.Step) throws {
        let named = try recordsThatName(step.frame)
        var reader = try RecordReader(step.frame.body, position: step.frame.position)
        var current: ProspectKey?
        while let record = try reader.next() {
            switch record {
            case .input(let input):
                current = input.prospect
                if keys.contains(input.prospect) || named.contains(input.details.record.rawValue) { note(current) }
                if isAsked(input.topic, input.offset) { note(current) }
            case .timer(let prospect), .migration(let prospect), .match(let prospect), .destroyed(let prospect, _, _):
                current = prospect
                if keys.contains(prospect) { note(current) }
            case .address(let hash): if hash == address { note(current) }
            case .fact(let fact):
                if case .opened(let opening) = fact, opening.journey == journey { note(current) }
                if named.contains(fact.record.rawValue) { note(current) }
            case .refused(let place, let reason): pass(place, .refused(reason), step)
            case .tombstone(let place): pass(place, .tombstone, step)
            case .unknownType(let place): pass(place, .unknownType, step)
            case .tick, .activation, .intervention, .found, .command: break
            }
        }
    }

    private mutating func note(_ prospect: ProspectKey?) {
        guard let prospect else { return }
        found.insert(PersonFinder.Found(partition: partition, prospect: prospect))
    }

    private mutating func pass(_ place: MessagePlace, _ fate: PassedMessage.Fate, _ step: JournalWalk.Step) {
        guard isAsked(place.topic, place.offset) else { return }
        message = PassedMessage(
            fate: fate, place: place, partition: partition, position: step.frame.position, isPending: step.isPending)
    }

    private func isAsked(_ topic: UInt8, _ offset: Int64) -> Bool {
        question == .message(topic: topic, partition: partition, offset: offset)
    }

    /// The positions of the frame's personal records that say what is asked for.
    private func recordsThatName(_ frame: Frame) throws -> Set<UInt64> {
        var named: Set<UInt64> = []
        guard frame.part == .whole else { return named }
        switch question {
        case .prospect(let id, let tenant):
            try frame.forEachPersonal { record in
                guard let data = record.bytes.map(PersonalData.init), data.prospectID == id,
                    tenant == nil || tenant == data.tenant
                else { return }
                named.insert(record.position)
            }
        case .email where frame.mayLackAddresses:
            try frame.forEachPersonal { record in
                if let data = record.bytes.map(PersonalData.init), data.normalisedEmail == email, email != nil {
                    named.insert(record.position)
                }
            }
        case .email, .journey, .command, .message: break
        }
        return named
    }
}
