import Engine
import Journal
import Journey

/// The leads of a data directory: read from the journals by the engine's own recovery, beside a running engine or without.
///
/// It keeps nothing: names and addresses stay in the journal, and a lead that was erased is gone here at once.
public struct LeadsTable {
    private let directory: DataDirectory
    private let status: EngineStatus?

    /// - Parameter path: the data directory. Throws `JournalError` where there is none.
    public init(path: String, fileSystem: any FileSystem) throws {
        directory = try DataDirectory.openForReading(path, fileSystem: fileSystem)
        status = try? EngineStatus.read(from: path)
    }

    /// The leads that the filter wants, oldest first within each partition.
    public func leads(_ filter: LeadFilter) throws -> [Lead] {
        var leads: [Lead] = []
        for partition in try directory.shards() {
            let state = try JournalState(
                directory, partition: partition, confirmedPosition: confirmedPosition(of: partition))
            try state.visitProspects { _, prospect, isPending in
                for journey in prospect.journeys {
                    if let lead = try lead(state, prospect, journey, isPending, filter) { leads.append(lead) }
                }
            }
        }
        return leads.sorted { ($0.openedAt, $0.email) < ($1.openedAt, $1.email) }
    }

    /// All leads of every person of whom the filter wants one, with where their events belong.
    ///
    /// - Parameter partitions: the only ones to look at; `nil`: all.
    public func people(_ filter: LeadFilter, partitions: Set<Int32>? = nil) throws -> [[AddressedLead]] {
        var people: [[AddressedLead]] = []
        for partition in try directory.shards() where partitions?.contains(partition) ?? true {
            let state = try JournalState(
                directory, partition: partition, confirmedPosition: confirmedPosition(of: partition))
            try state.visitProspects { _, prospect, isPending in
                let all = try prospect.journeys.compactMap { journey -> AddressedLead? in
                    guard let lead = try lead(state, prospect, journey, isPending, LeadFilter()),
                        let opening = try state.opening(of: journey)
                    else { return nil }
                    return AddressedLead(
                        lead: lead, journey: journey.reference, scope: state.policies[journey.policy].policy.scope,
                        opening: opening)
                }
                if all.contains(where: { filter.admits($0.lead) }) { people.append(all) }
            }
        }
        return people
    }

    private func confirmedPosition(of partition: Int32) -> UInt64 {
        status?.partitions.first { $0.partition == partition }?.confirmedPosition ?? 0
    }

    private func lead(
        _ state: JournalState, _ prospect: ProspectState, _ journey: JourneyState, _ isPending: Bool,
        _ filter: LeadFilter
    ) throws -> Lead? {
        let version = state.policies[journey.policy]
        guard let status = Lead.Status(journey.status), filter.admits(journey, status, policy: version.policy.name)
        else {
            return nil
        }
        let person = try state.person(prospect, journey)
        let steps = version.policy.steps
        let next = Int(journey.nextStep)
        let isWaiting = status == .waiting && next < steps.count
        let lead = Lead(
            tenant: person?.tenant ?? "", prospectID: person?.prospectID ?? "", email: person?.email ?? "",
            product: person?.product ?? "", policy: version.policy.name, policyVersion: version.number,
            openedAt: journey.openedAt, activityAt: journey.activityAt, stepsDone: next, steps: steps.count,
            nextReminderAt: state.policies.nextReminder(journey), nextTemplate: isWaiting ? steps[next].template : nil,
            status: status, partition: state.partition, isPending: isPending)
        return filter.admits(lead) ? lead : nil
    }
}
