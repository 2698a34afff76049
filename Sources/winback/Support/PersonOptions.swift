import Audit
import Engine
import Journey
import Terminal

/// The options by which an audit is told whom or what it is about.
struct PersonOptions: Sendable {
    static let all: [any OptionDeclaration] = [prospect, tenant, email, journey, command, message]
    /// For commands that are about people alone.
    static let people: [any OptionDeclaration] = [prospect, tenant, email]

    static let prospect = Option<String?>.text("prospect", label: "ID", help: "The prospect with this id")
    static let tenant = Option<String?>.text("tenant", label: "NAME", help: "Of this tenant")
    static let email = Option<String?>.text("email", label: "ADDRESS", help: "Whoever has or had this address")
    static let journey = Option<String?>.text(
        "journey", label: "ID", help: "The journey with this id, as commands name it: 32 hexadecimal digits")
    static let command = Option<String?>.text(
        "command", label: "ID", help: "The command with this id: a journey's, a dash and the number of the step")
    static let message = Option<String?>.text(
        "message", label: "TOPIC/PARTITION/OFFSET", help: "The message at this place of an event topic")

    /// As they were typed.
    private let prospect: String?
    private let email: String?
    private let journey: String?
    private let command: String?
    private let message: String?
    let tenant: String?

    /// For a command that declares `all`, or `people` alone.
    init(_ arguments: Arguments, isAboutPeople: Bool = false) throws {
        prospect = arguments[Self.prospect]
        email = arguments[Self.email]
        tenant = arguments[Self.tenant]
        journey = isAboutPeople ? nil : arguments[Self.journey]
        command = isAboutPeople ? nil : arguments[Self.command]
        message = isAboutPeople ? nil : arguments[Self.message]
        let given = [prospect, email, journey, command, message].compactMap { $0 }
        guard given.count <= 1 else { throw UsageError(.conflict, "name one person or thing, not \(given.count)") }
        if let journey, PersonQuestion.journeyID(journey) == nil {
            throw UsageError(.invalidValue, "--journey '\(journey)' is not 32 hexadecimal digits")
        }
        if let command, PersonQuestion.commandID(command) == nil {
            throw UsageError(
                .invalidValue, "--command '\(command)' is not 32 hexadecimal digits, a dash and the number of a step")
        }
        if let email, PersonNames(key: Array(repeating: 0, count: 32)).address(email) == nil {
            throw UsageError(.invalidValue, "--email '\(email)' is not an address")
        }
        if let message, Self.place(message) == nil {
            throw UsageError(.invalidValue, "--message '\(message)' is not TOPIC/PARTITION/OFFSET, such as events/0/17")
        }
    }

    var isGiven: Bool { prospect != nil || email != nil || journey != nil || command != nil || message != nil }

    /// What is asked; `nil` where nothing is named.
    func question(_ source: AuditSource) throws -> PersonQuestion? {
        if let prospect { return .prospect(id: prospect, tenant: tenant) }
        if let email { return .email(email, tenant: tenant) }
        if let journey { return PersonQuestion.journeyID(journey).map { .journey($0) } }
        if let command { return PersonQuestion.commandID(command).map { .command($0.journey, step: $0.step) } }
        guard let message, let place = Self.place(message) else { return nil }
        guard let topic = source.topics.firstIndex(of: place.topic) else {
            throw CommandError(
                .usage,
                "\(place.topic) is none of this journal's event topics: \(source.topics.joined(separator: ", "))")
        }
        return .message(topic: UInt8(topic), partition: place.partition, offset: place.offset)
    }

    /// Whom the options name; `nil` where they name nobody, so that all are meant.
    func found(_ source: AuditSource, pending: Bool) throws -> Set<PersonFinder.Found>? {
        guard prospect != nil || email != nil, let question = try question(source) else { return nil }
        let progress = try AuditProgress(source, "searching the journal")
        let result = try PersonFinder(source, question, pending: pending).find { progress.advance($0) }
        progress.done()
        guard !result.found.isEmpty else {
            throw CommandError(
                .noInput, "the journal knows nothing of \(text); winback audit explain says what was searched")
        }
        return Set(result.found)
    }

    private static func place(_ text: String) -> (topic: String, partition: Int32, offset: Int64)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let partition = Int32(parts[1]), let offset = Int64(parts[2]),
            partition >= 0, offset >= 0
        else { return nil }
        return (String(parts[0]), partition, offset)
    }

    /// What was asked, for messages.
    var text: String {
        if let prospect { return "prospect \(prospect)" + (tenant.map { " of tenant \($0)" } ?? "") }
        if let email { return "the address \(email)" }
        if let journey { return "journey \(journey)" }
        if let command { return "command \(command)" }
        return "message \(message ?? "")"
    }
}
