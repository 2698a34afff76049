import Contract
import Journal
import Journey
import Records

/// One partition of all event topics, live: its journal, its state, its clock, and what it adds to the next commit.
///
/// A frame is begun with the first record after a seal and sealed (written, not yet synced) by the worker before each
/// commit, or when it has grown large. One thread owns a shard.
final class Shard {
    let partition: Int32
    let journal: ShardJournal
    let fold: ShardFold
    var clock: PartitionClock
    private(set) var due = DueSchedule()
    private(set) var counters = ShardCounters()

    private let settings: ShardSettings
    let hash: KeyedHash
    /// For erasures by address: how many the batch has had, and from the second on who has which address.
    var erasedInBatch = 0
    var addressIndex: AddressIndex?
    /// The newest event that erases somebody.
    private var erasure = MessagePlace(topic: 0, offset: -1, time: .distantPast)
    /// The hash of the address that it names; 0 if it names none.
    private var erasedAddress: UInt64 = 0
    /// Of whom there is something to be destroyed that the destroyer has not been told of.
    var untoldDestructions: [ProspectKey]
    private var writer = RecordWriter()
    private var isFrameOpen = false
    private var recordedClock = Instant.distantPast
    /// Frames that were sealed since the last commit, and so wait for it.
    private(set) var hasSealedFrames = false
    /// The prospect in hand, and what is decided of it.
    private struct Work {
        var state = ProspectState()
        var facts = Facts()
        /// What is published of them, for the journal.
        var commands: ContiguousArray<CommandDigest> = []
    }

    /// In memory of its own and handed on as `inout`, because a class's property is copied for every call that reads it.
    private let work = UnsafeMutablePointer<Work>.allocate(capacity: 1)
    private let digest = PublicDigest()
    /// Room for every field of a shard at its bound, and the rest: 64 x 2 KiB and some.
    private var merged = PersonalRecord.Writer(capacity: 1 << 18)
    private var commands: CommandBuilder
    /// `nil`: nobody is told of leads.
    private var leads: LeadEventBuilder?
    /// The same; it is asked for each event.
    private let tellsOfLeads: Bool
    private(set) var fieldSlots: ContiguousArray<FieldSlot> = []
    private let decoderFields: [String]

    init(
        partition: Int32, journal: ShardJournal, fold: ShardFold, settings: ShardSettings, decoderFields: [String]
    ) {
        self.partition = partition
        self.journal = journal
        self.fold = fold
        self.settings = settings
        hash = settings.hash
        self.decoderFields = decoderFields
        work.initialize(to: Work())
        clock = PartitionClock(now: fold.clock, positions: fold.nextOffsets, settings: settings.clock)
        commands = CommandBuilder(source: settings.commandSource, digest: digest)
        tellsOfLeads = settings.publishesLeads
        leads = settings.publishesLeads ? LeadEventBuilder(source: settings.commandSource, digest: digest) : nil
        recordedClock = fold.clock
        untoldDestructions = fold.destructions.sorted.map(\.prospect)
        refreshFieldSlots()
    }

    deinit {
        work.deinitialize(count: 1)
        work.deallocate()
    }

    /// Whether anything has been folded since the last commit.
    var isDirty: Bool { isFrameOpen || hasSealedFrames }

    /// Seals the frame being built once it is large.
    func sealIfLarge() throws {
        if isFrameOpen, journal.frameBytes >= settings.frameBytes { try seal() }
    }

    // MARK: Events

    /// Folds an event. What it is given is what the journal gets: the input is completed with where its record lies.
    func fold(_ event: inout Normaliser.Event, into outbox: Outbox) throws {
        try openFrame()
        // Only what happened before the newest erasure of an address can be about one.
        if event.input.time <= fold.erasedAddresses.newest && event.input.type != .contactErasureRequested {
            let erased = erasedUntil(event.record.view)
            if erased >= event.input.time { event.input.addressErasedAt = erased }
        }
        if event.input.type == .contactErasureRequested || event.input.addressErasedAt > .distantPast {
            erasure = MessagePlace(topic: event.input.topic, offset: event.input.offset, time: event.input.time)
            erasedAddress = event.erasedAddress
        }
        try fold(&event.input, event.record, &work.pointee, outbox)
        if addressIndex != nil { index(event.record.view, of: event.input.prospect) }
        if event.input.type == .contactErasureRequested, case .addressErased(let at) = work.pointee.facts.first {
            fold.erasedAddresses.erase(event.input.prospect, at: at)
            try eraseEveryone(at: event.input.prospect, at, into: outbox)
        }
        if event.input.address == .unusable { counters.unusableAddresses += 1 }
        passed(event.input.topic, event.input.offset)
    }

    private func fold(
        _ input: inout Input, _ record: PersonalRecord.Draft, _ work: inout Work, _ outbox: Outbox
    ) throws {
        let fold = fold
        let policies = fold.policies
        if policies.readsAgain(at: fold.clock) { try settle(input, &work, outbox) }
        let place = fold.prospects.load(input.prospect, into: &work.state)
        if policies.mayOpen(input, work.state) { input.seed = digest.seed(of: record.view, input.prospect) }
        // Facts refer to the record by where it will lie, if one of them does.
        input.details.record = RecordPosition(rawValue: journal.nextPersonal)
        work.facts.clear()
        policies.decide(work.state, input, at: fold.clock, into: &work.facts)
        try keepRecord(record, &input, &work)
        writer.input(input, to: &journal.body)
        if input.details.record != .none, let address = addressHash(of: record.view) {
            writer.address(address, to: &journal.body)
        } else if erasedAddress != 0, work.facts.contains(where: \.erasesAddress) {
            writer.address(erasedAddress, to: &journal.body)
        }
        guard tellsOfLeads, work.facts.contains(where: \.mayChangeLead) else {
            write(&work, place, input.prospect)
            return
        }
        let before = work.state
        write(&work, place, input.prospect)
        let cause = LeadEventBuilder.Cause(type: input.type, time: input.time, record: record.view)
        try publishLeads(input.prospect, before, work, cause, into: outbox)
    }

    /// Decides what lies behind the event's prospect in a rebuilt journal, which reads all events before its first tick.
    private func settle(_ input: Input, _ work: inout Work, _ outbox: Outbox) throws {
        guard let place = fold.prospects.load(input.prospect, into: &work.state) else { return }
        work.facts.clear()
        fold.policies.decideBacklog(work.state, at: input.time, into: &work.facts)
        if work.facts.isEmpty { return }
        writer.timer(input.prospect, to: &journal.body)
        let before = work.state
        write(&work, place, input.prospect)
        try publishLeads(input.prospect, before, work, nil, into: outbox)
    }

    /// A message that is no event for the fold.
    enum Passed {
        case tombstone, unknownType
        /// It went to the dead-letter topic.
        case refused(reason: UInt8)
    }

    /// Keeps where the message was and why it was passed.
    func pass(_ place: MessagePlace, _ why: Passed) throws {
        try openFrame()
        switch why {
        case .tombstone: writer.tombstone(place, to: &journal.body)
        case .unknownType: writer.unknownType(place, to: &journal.body)
        case .refused(let reason):
            writer.refused(place, reason: reason, to: &journal.body)
            counters.deadLetters += 1
        }
        passed(place.topic, place.offset)
    }

    private func passed(_ topic: UInt8, _ offset: Int64) {
        fold.advance(topic: topic, past: offset)
        clock.advance(topic: Int(topic), to: offset + 1)
        counters.events += 1
    }

    /// Appends what the facts need of the event's content, and nothing that is known already. A seed that no decision
    /// depended on is dropped, too.
    private func keepRecord(_ record: PersonalRecord.Draft, _ input: inout Input, _ work: inout Work) throws {
        var need = RecordNeed()
        for fact in work.facts { need.add(fact, input, work.state) }
        if !need.usesSeed { input.seed = JourneyID(high: 0, low: 0) }
        var kept = RecordPosition.none
        if need.isWhole {
            kept = append(record)
            precondition(kept == input.details.record, "the record lies where its facts say")
        }
        if need.isCompleted { try completeDetails(record, input, &kept, &work) }
        input.details.record = kept
    }

    private func append(_ record: PersonalRecord.Draft) -> RecordPosition {
        RecordPosition(rawValue: journal.appendPersonal(record.bytes))
    }

    /// Details that lack what the journey already knew are completed from its record, so that an update of one field
    /// does not lose the others; details that bring nothing new after that only say that what is known is as new.
    ///
    /// - Parameter kept: the first record that was appended for the event; `none` if none was.
    private func completeDetails(
        _ record: PersonalRecord.Draft, _ input: Input, _ kept: inout RecordPosition, _ work: inout Work
    ) throws {
        let own = input.details.record
        /// Where the event's content lies: in a completed record, or in one that held it before.
        var holder = kept
        var index = 0
        while index < work.facts.count {
            defer { index += 1 }
            guard case .detailsRefreshed(let reference, let details, let at) = work.facts[index],
                let journey = work.state.journeys.first(where: { $0.reference == reference }),
                journey.lacks(details)
            else { continue }
            merged.removeAll()
            let completed = try journal.withPersonalIfKept(at: journey.details.record) { old in
                PersonalRecord.merge(new: record.view, old: PersonalRecord.View(bytes: old), into: &merged)
            }
            let completedHash = hash.detailsHash(completed.details)
            if completedHash != journey.details.hash {
                let position = append(completed)
                if kept == .none { kept = position }
                holder = position
                work.facts[index] = .detailsRefreshed(
                    reference, Details(record: position, hash: completedHash, fields: completed.fields), at: at)
                continue
            }
            if holder == .none { holder = journey.details.record }
            if at > journey.detailsAt {
                work.facts[index] = .detailsRefreshed(reference, .none, at: at)
            } else {
                work.facts.remove(at: index)
                index -= 1
            }
        }
        if kept != own { referContact(from: own, to: holder, &work) }
        if work.facts.isEmpty { work.facts.append(.ignored(.nothingNew, nil)) }
    }

    /// The address is in the record that holds the event's content; where the contact is that record already, and as new,
    /// there is no news of it.
    private func referContact(from own: RecordPosition, to holder: RecordPosition, _ work: inout Work) {
        for index in work.facts.indices {
            guard case .contactRefreshed(own, let at) = work.facts[index] else { continue }
            let contact = ProspectState.Contact(record: holder, time: at)
            if contact == work.state.contact {
                work.facts.remove(at: index)
            } else {
                work.facts[index] = .contactRefreshed(holder, at: at)
            }
            return
        }
    }

    private func write(_ work: inout Work, _ place: BlobReference?, _ prospect: ProspectKey) {
        var isChanged = false
        let active = work.state.activeJourneys
        // Taken out once: a class's property is retained and released by each call that reads it.
        let fold = fold
        let policies = fold.policies
        writer.facts(work.facts, to: &journal.body)
        for index in work.facts.indices {
            let fact = work.facts[index]
            counters.count(fact)
            guard fact.changesState else { continue }
            policies.evolve(&work.state, fact)
            isChanged = true
            if fact.destroysRecords { noteDestruction(fact, of: prospect, leaving: work.state) }
        }
        if isChanged {
            fold.activeJourneys += work.state.activeJourneys - active
            fold.prospects.store(prospect, work.state, at: place, nextAction: policies.nextAction(work.state))
        }
    }

    private func noteDestruction(_ fact: Fact, of prospect: ProspectKey, leaving state: borrowing ProspectState) {
        fold.destructions.note(
            fact, of: prospect, leaving: state, event: erasure, address: erasedAddress,
            frame: journal.head.position, newest: journal.newestPersonal)
        untoldDestructions.append(prospect)
    }

    // MARK: Ticks

    /// Sets the clock on and decides what is due, at most `maximumDuePerTick` actions; what is left stays due.
    ///
    /// - Returns: how many actions were decided. With none nothing is journalled, and nothing needs a commit.
    func tick(_ tick: PartitionClock.Tick, into outbox: Outbox) throws -> Int {
        fold.clock = tick.clock
        due.beginTick()
        // A frame that holds events already must say from where on they were decided under another clock.
        guard hasDue(upTo: tick.clock, limit: settings.maximumDuePerTick) || isFrameOpen else { return 0 }
        try openFrame()
        writer.tick(clock: tick.clock, to: &journal.body)
        var decided = 0
        while decided < settings.maximumDuePerTick,
            hasDue(upTo: tick.clock, limit: settings.maximumDuePerTick - decided), let action = due.next()
        {
            if try decide(action, at: tick.clock, &work.pointee, into: outbox) { decided += 1 }
        }
        return decided
    }

    private func hasDue(upTo clock: Instant, limit: Int) -> Bool {
        due.hasNext(of: fold, upTo: clock, limit: limit, using: &work.pointee.state)
    }

    /// Journals the clock alone, so that the newest journalled tick is never older than a day.
    func recordClock() throws {
        try openFrame()
        writer.tick(clock: fold.clock, to: &journal.body)
    }

    /// Whether the newest journalled clock is older than the newest tick by at least `span`.
    func clockIsUnrecorded(for span: Span) -> Bool { fold.clock - recordedClock >= span }

    private func decide(
        _ action: DueActions.Action, at clock: Instant, _ work: inout Work, into outbox: Outbox
    ) throws -> Bool {
        guard let place = fold.prospects.load(action.prospect, into: &work.state) else { return false }
        work.facts.clear()
        fold.policies.decideDue(work.state, action.journey, at: clock, into: &work.facts)
        if work.facts.isEmpty { return false }
        work.commands.removeAll(keepingCapacity: true)
        for fact in work.facts {
            if case .reminderRequested(let reference, let step, let due, _) = fact {
                try command(action.prospect, work.state, reference, step, due, clock, into: outbox)
                outbox.withLast { work.commands.append(hash.commandDigest(key: $0, value: $1)) }
            }
        }
        writer.timer(action.prospect, to: &journal.body)
        let before = tellsOfLeads && work.facts.contains(where: \.mayChangeLead) ? work.state : nil
        write(&work, place, action.prospect)
        for command in work.commands { writer.command(command, to: &journal.body) }
        if let before { try publishLeads(action.prospect, before, work, nil, into: outbox) }
        return true
    }

    private func command(
        _ prospect: ProspectKey, _ state: borrowing ProspectState, _ reference: JourneyReference, _ step: UInt8,
        _ due: Instant, _ clock: Instant, into outbox: Outbox
    ) throws {
        guard let journey = state.journeys.first(where: { $0.reference == reference }) else { return }
        let request = CommandBuilder.Request(
            prospect: prospect, journey: journey, contact: state.contact.record, step: Int(step), due: due,
            emitted: clock)
        try commands.build(request, fold.policies[journey.policy], keys: fold.keys, journal: journal, into: outbox)
    }

    private func publishLeads(
        _ prospect: ProspectKey, _ before: ProspectState, _ work: Work, _ cause: LeadEventBuilder.Cause?,
        into outbox: Outbox
    ) throws {
        let decision = LeadEventBuilder.Decision(
            prospect: prospect, before: before, facts: work.facts, after: work.state, cause: cause)
        try leads?.publish(decision, fold.policies, keys: fold.keys, journal: journal, into: outbox)
    }

    // MARK: Frames

    /// Decides something of a prospect that no event and no timer is the cause of, and keeps it with its own cause in front.
    ///
    /// - Parameter event: what those are told who keep a list of contacts; `nil`: no event of anybody's.
    /// - Returns: the facts; none, and nothing is kept, where there is nothing to decide.
    func decide(
        of prospect: ProspectKey, because event: LeadEventBuilder.Cause? = nil, into outbox: Outbox,
        _ decide: (PolicySet, ProspectState, inout Facts) -> Void,
        cause: (inout RecordWriter, inout ByteWriter) -> Void
    ) throws -> Facts {
        let place = fold.prospects.load(prospect, into: &work.pointee.state)
        work.pointee.facts.clear()
        decide(fold.policies, work.pointee.state, &work.pointee.facts)
        if work.pointee.facts.isEmpty { return [] }
        try openFrame()
        cause(&writer, &journal.body)
        let before = tellsOfLeads && work.pointee.facts.contains(where: \.mayChangeLead) ? work.pointee.state : nil
        write(&work.pointee, place, prospect)
        if let before { try publishLeads(prospect, before, work.pointee, event, into: outbox) }
        return work.pointee.facts
    }

    func activate(_ activation: ShardFold.Activation) throws {
        try openFrame()
        var text = activation.text
        text.withUTF8 {
            writer.activation(at: activation.time, text: UnsafeRawBufferPointer($0), to: &journal.body)
        }
        try fold.activate(activation)
        refreshFieldSlots()
    }

    private func refreshFieldSlots() {
        fieldSlots = ContiguousArray(
            decoderFields.enumerated().compactMap { slot, pointer in
                fold.keys.number(ofField: pointer).map { FieldSlot(slot: slot, number: $0) }
            }.sorted { $0.number < $1.number })
    }

    /// The record that says that the prospect's records are no longer there.
    func writeDestroyed(_ prospect: ProspectKey, before: RecordPosition, at time: Instant) throws {
        try openFrame()
        writer.destroyed(prospect, before: before, at: time, to: &journal.body)
    }

    private func openFrame() throws {
        if isFrameOpen { return }
        try journal.beginFrame()
        writer.begin(position: journal.head.position, clock: fold.clock, to: &journal.body)
        isFrameOpen = true
        recordedClock = fold.clock
    }

    /// Writes the frame being built. It is durable after `journal.sync()`, and has happened when its transaction has.
    func seal() throws {
        guard isFrameOpen else { return }
        writer.end(to: &journal.body)
        _ = try journal.appendFrame()
        isFrameOpen = false
        hasSealedFrames = true
    }

    /// Everything that was folded so far, as a transaction carries it.
    struct SealedFrames {
        var head: JournalHead
        var nextOffsets: [Int64]
        /// Per topic: the oldest erasure whose data is still to be destroyed.
        var erasing: [Int64?]
        /// Makes the frames durable.
        var sync: JournalSync
    }

    /// Hands over what was folded since the last commit; what is folded from now on waits for the next.
    func handOver() throws -> SealedFrames {
        try seal()
        hasSealedFrames = false
        return SealedFrames(
            head: journal.head, nextOffsets: fold.nextOffsets, erasing: fold.erasing, sync: try journal.beginSync())
    }

    /// The transaction that carried these frames has succeeded.
    func confirm(_ frames: SealedFrames) throws {
        try journal.endSync(frames.sync, .success(()))
        journal.confirm(
            Confirmation(position: frames.head.position, hash: frames.head.hash, offset: frames.nextOffsets[0]))
    }
}

struct ShardSettings {
    var clock: PartitionClock.Settings
    /// As many as are decided in less than a tenth of a second.
    static let maximumDuePerTick = 12_500
    var maximumDuePerTick = Self.maximumDuePerTick
    var hash: KeyedHash
    var commandSource: String
    /// Whether what happens to leads is published.
    var publishesLeads = false
    /// A frame that has grown to this is sealed, and the next one begun.
    var frameBytes: Int
}
