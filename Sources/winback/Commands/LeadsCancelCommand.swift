import Configuration
import Engine
import Foundation
import Journal
import Journey
import Kafka
import Leads
import Terminal

struct LeadsCancelCommand: Command {
    static let name = "leads cancel"
    static let summary = "End a prospect's leads: no reminder follows any more"
    static let details = """
        Publishes a lead.cancelled event for the prospect, with the key and in the partition of the leads that it ends, and \
        waits until the running engine has folded it. Without a running engine it is folded at the next start. With --policy \
        only that policy's leads end; where the event can't tell them from others, nothing is published. A prospect who \
        comes back later is a new lead.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, email, tenant, policy, yes,
        timeout,
    ]
    static let positionals = [Positional("PROSPECT", .optional, help: "The prospect's id")]
    static let examples = [
        Example("winback leads cancel p-4711", help: "Shows the prospect's leads, asks, and ends them."),
        Example("winback leads cancel --email jane@example.com --policy unconverted-lead --yes", help: "Does not ask."),
    ]

    private static let email = Option.text("email", label: "ADDRESS", help: "The prospect with this address")
    private static let tenant = Option.text("tenant", label: "NAME", help: "Only this tenant's prospect")
    private static let policy = Option.text("policy", label: "NAME", help: "Only leads of this policy")
    private static let yes = Option.flag("yes", short: "y", help: "Do not ask")
    private static let timeout = Option.integer(
        "timeout", label: "SECONDS", in: 0...86_400, default: 30, help: "How long to wait for the engine")

    private static let flushMilliseconds: Int32 = 30_000
    private static let pollSeconds = 0.3

    private let configuration: ConfigurationOptions
    private let filter: LeadFilter
    private let policy: String?
    private let isAgreed: Bool
    private let timeoutSeconds: Int

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments, data: arguments[ConfigurationOptions.data])
        var filter = LeadFilter()
        filter.prospectID = arguments[Self.positionals[0]].first
        filter.email = arguments[Self.email]
        filter.tenant = arguments[Self.tenant]
        guard (filter.prospectID == nil) != (filter.email == nil) else {
            throw UsageError(.missingArgument, "say whose leads: PROSPECT, or --email ADDRESS")
        }
        self.filter = filter
        policy = arguments[Self.policy]
        isAgreed = arguments[Self.yes]
        timeoutSeconds = arguments[Self.timeout]
        guard isAgreed || Confirmation.isPossible else {
            throw UsageError(.missingArgument, "nobody can be asked here: look at `leads`, then say --yes")
        }
    }

    func run() throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        let plan = try plan(configuration)
        let now = SystemTime().wall.milliseconds
        let messages = try plan.map {
            try CancellationMessage($0, configuration, id: UUID().uuidString.lowercased(), time: now)
        }
        let ends = plan.flatMap(\.ends)
        for lead in ends { Screen.errors.line("  \(Self.text(lead, now: now))") }
        if !isAgreed, !Confirmation.ask("End \(ends.count == 1 ? "this lead" : "these \(ends.count) leads")?") {
            Screen.errors.line("nothing was published")
            return .interrupted
        }
        try publish(zip(plan, messages).map { ($0, $1) }, configuration)
        return try waitUntilFolded(ends, configuration)
    }

    /// What is to be published, of everybody whom the filter fits.
    private func plan(_ configuration: Configuration) throws -> [LeadCancellation] {
        let people = try LeadsTable(path: configuration.data, fileSystem: POSIXFileSystem()).people(filter)
        let who = filter.prospectID ?? filter.email ?? ""
        let tenants = Set(people.compactMap { $0.first?.lead.tenant }).sorted()
        guard tenants.count <= 1 else {
            throw CommandError(
                .usage,
                "\(who) is a prospect of several tenants: say which with --tenant (\(tenants.joined(separator: ", ")))")
        }
        let plan = try people.flatMap { person in
            let wanted = person.filter { lead in policy.map { $0 == lead.lead.policy } ?? true }
            let plan = LeadCancellation.plan(wanted, of: person)
            for cancellation in plan {
                let others = cancellation.others(than: wanted)
                guard others.isEmpty else { throw Self.tooMuch(others) }
            }
            return plan
        }
        guard !plan.isEmpty else {
            throw CommandError(.data, "there is no lead of \(who)\(policy.map { " under policy \($0)" } ?? "")")
        }
        return plan
    }

    private static func tooMuch(_ others: [AddressedLead]) -> CommandError {
        let policies = Set(others.map(\.lead.policy)).sorted().joined(separator: ", ")
        return CommandError(
            .data,
            """
            a cancellation is about a person, or about their product or subject: it would also end leads of \(policies). \
            Nothing was published; without --policy all of them end
            """)
    }

    private static func text(_ lead: AddressedLead, now: Int64) -> String {
        let about = [lead.opening.product, lead.opening.subject].filter { !$0.isEmpty }
        let whose = lead.lead.email.isEmpty ? lead.lead.prospectID : lead.lead.email
        return "\(lead.lead.policy)\(about.isEmpty ? "" : " (\(about.joined(separator: ", ")))") of \(whose), opened "
            + "\(TimeText.relative(lead.lead.openedAt.milliseconds, now: now)), \(lead.lead.status.rawValue)"
    }

    private func publish(_ plan: [(LeadCancellation, CancellationMessage)], _ configuration: Configuration) throws {
        let producer = try PlainProducer(settings: configuration.kafkaSettings)
        defer { producer.close() }
        for (cancellation, message) in plan {
            try producer.send(
                topic: message.topic, partition: cancellation.partition, key: Array(message.key.utf8),
                value: message.event.value, headers: message.event.headers)
        }
        let isComplete = producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
        if let failure = producer.deliveries.firstFailure { throw failure }
        guard isComplete else {
            throw CommandError(
                .unavailable,
                "\(configuration.bootstrapServers) has not acknowledged the event within "
                    + "\(Self.flushMilliseconds / 1000) s: it may or may not be there; run the command again")
        }
    }

    private func waitUntilFolded(_ ends: [AddressedLead], _ configuration: Configuration) throws -> ExitCode {
        let count = ends.count == 1 ? "1 lead" : "\(ends.count) leads"
        guard RunningEngine(dataDirectory: configuration.data) == .running else {
            Screen.output.line("published; the engine does not run: at its next start \(count) will end")
            return .ok
        }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(timeoutSeconds)
        while timeoutSeconds > 0 {
            if try areGone(ends, configuration) {
                Screen.output.line("\(count) ended")
                return .ok
            }
            guard clock.now < deadline else { break }
            Thread.sleep(forTimeInterval: Self.pollSeconds)
        }
        Screen.output.line("published; the engine has not folded it yet, and \(count) will end when it has")
        return timeoutSeconds > 0 ? .temporary : .ok
    }

    private func areGone(_ ends: [AddressedLead], _ configuration: Configuration) throws -> Bool {
        let gone = Set(ends.map(\.journey))
        let partitions = Set(ends.map(\.lead.partition))
        return try LeadsTable(path: configuration.data, fileSystem: POSIXFileSystem())
            .people(filter, partitions: partitions).joined().allSatisfy { !gone.contains($0.journey) }
    }
}
