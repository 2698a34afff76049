import Audit
import Configuration
import Contract
import Engine
import Foundation
import Journal
import Kafka
import Terminal

struct EraseCommand: Command {
    static let name = "erase"
    static let summary = "Erase a person in every partition, and wait until the data is destroyed"
    static let details = """
        By address it erases everyone whose address it is or was, whatever their ids; without --tenant in every tenant. By \
        id it erases one prospect. All journeys end, and no older event of that person stores or opens anything; what comes \
        later counts again. It ends with 0 once the person's data is destroyed in the files of every partition, and with 75 \
        if that was not seen: the request is published then, and will be done. It cannot be undone. --status reads the data \
        directory, without a broker: what is outstanding and why, and what was done last; 0 when nothing is outstanding.
        """
    static let options: [any OptionDeclaration] = [
        ConfigurationOptions.config, ConfigurationOptions.set, ConfigurationOptions.data, email, prospect, tenant, yes,
        timeout, status,
    ]
    static let examples = [
        Example("winback erase --email jane.doe@example.com", help: "Whoever has this address, in every tenant."),
        Example("winback erase --prospect p-4711 --tenant kasko --yes", help: "One prospect, without asking."),
        Example("winback erase --status --data /var/lib/winback", help: "What is not done yet, and what holds it up."),
    ]

    private static let email = Option.text("email", label: "ADDRESS", help: "Everyone with this address")
    private static let prospect = Option.text("prospect", label: "ID", help: "The prospect with this id")
    private static let tenant = Option.text("tenant", label: "NAME", help: "Only this tenant's")
    private static let yes = Option.flag("yes", short: "y", help: "Do not ask")
    private static let timeout = Option.integer(
        "timeout", label: "SECONDS", in: 1...86_400, default: 60, help: "How long to wait for the engine")

    private static let status = Option.flag("status", help: "Show what is outstanding instead, and what was done last")

    private let configuration: ConfigurationOptions
    private let data: String?
    /// `nil`: the status is asked for.
    private let person: ErasureRequest.Person?
    private let tenant: String?
    private let isAgreed: Bool
    private let timeoutSeconds: Int

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments, data: arguments[ConfigurationOptions.data])
        data = arguments[ConfigurationOptions.data]
        tenant = arguments[Self.tenant]
        isAgreed = arguments[Self.yes]
        timeoutSeconds = arguments[Self.timeout]
        if arguments[Self.status] {
            guard arguments[Self.email] == nil, arguments[Self.prospect] == nil else {
                throw UsageError(.invalidValue, "--status is of all erasures: leave --email and --prospect out")
            }
            person = nil
            return
        }
        switch (arguments[Self.email], arguments[Self.prospect]) {
        case (let email?, nil):
            guard let address = EmailAddress.normalised(email) else {
                throw UsageError(.invalidValue, "--email: what was given is no address")
            }
            person = .address(address)
        case (nil, let id?):
            guard !id.isEmpty, id.utf8.count <= EventBounds.prospectID else {
                throw UsageError(.invalidValue, "--prospect: an id has 1 to \(EventBounds.prospectID) bytes")
            }
            person = .prospect(id)
        default: throw UsageError(.missingArgument, "say whom: --email ADDRESS, or --prospect ID")
        }
        if let tenant, tenant.utf8.count > EventBounds.tenant {
            throw UsageError(.invalidValue, "--tenant: a tenant has at most \(EventBounds.tenant) bytes")
        }
        guard isAgreed || Confirmation.isPossible else {
            throw UsageError(.missingArgument, "nobody can be asked here: say --yes")
        }
    }

    func run() throws -> ExitCode {
        guard let person else { return try status() }
        return try erase(person)
    }

    /// Whoever names the directory needs no configuration, whose secrets may not be at hand.
    private func status() throws -> ExitCode {
        let path = try data ?? configuration.load().data
        return try ErasureReport(AuditSource(path: path, fileSystem: POSIXFileSystem())).write()
    }

    private func erase(_ person: ErasureRequest.Person) throws -> ExitCode {
        let configuration = try configuration.loadAndWarn()
        if case .prospect = person, configuration.identity == .email {
            throw CommandError(.data, "prospects are known by their addresses here (identity: email): use --email")
        }
        guard isAgreed || Confirmation.ask("Erase this person for good?") else {
            Screen.errors.line("nothing was done")
            return .interrupted
        }
        let stopped = Flag()
        let interruption = Interruption { stopped.raise() }
        defer { withExtendedLifetime(interruption) {} }
        let erasure = Erasure(configuration)
        let published = try erasure.publish(
            ErasureRequest(person: person, tenant: tenant, id: UUID().uuidString.lowercased(), time: Date()))
        Screen.errors.line("published to all \(published.count) partitions of \(erasure.topic)")
        let waiting = try erasure.wait(for: published, seconds: timeoutSeconds) { stopped.isRaised }
        report(published, waiting)
        if waiting.isEmpty { return .ok }
        Screen.errors.line(
            RunningEngine(dataDirectory: configuration.data) == .stopped
                ? "no engine runs on \(configuration.data): the erasure is done at its next start"
                : "not done everywhere yet; nothing has to be published again: `winback erase --status` shows what holds it up"
        )
        return stopped.isRaised ? .interrupted : .temporary
    }

    private func report(_ published: [PartitionOffset], _ waiting: Set<TopicPartition>) {
        var table = Table(
            [Table.Column("partition"), Table.Column("offset"), Table.Column("state")],
            format: Screen.output.isTerminal ? .aligned : .tsv, now: 0)
        for place in published {
            let isWaiting = waiting.contains(place.partition)
            table.append([
                .number(place.partition.partition), .number(place.offset),
                .text(isWaiting ? "waiting" : "erased", style: isWaiting ? .yellow : .green),
            ])
        }
        table.finish()
    }
}
