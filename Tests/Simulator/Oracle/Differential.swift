/// The same events and another course of things: other crashes, absences, ticks and batches. What comes out must be the same,
/// but for what a journal explains.
public struct Differential {
    private let one: Simulation.Report
    private let other: Simulation.Report

    public init(_ one: Simulation.Report, _ other: Simulation.Report) {
        self.one = one
        self.other = other
    }

    /// The plan of a run with the same events, in which nothing fails and nobody is away.
    public static func calm(_ plan: Plan) -> Plan {
        var calm = plan
        calm.chance = plan.chance &+ 0x5EED
        calm.settings.powerLasts = nil
        calm.settings.faults = [:]
        calm.settings.strikes = []
        return calm
    }

    public var differences: [String] { missing(from: other, of: one) + missing(from: one, of: other) + renamed }

    /// A prospect's events are named after it.
    static func prospect(of event: String) -> String { event.split(separator: "-").prefix(2).joined(separator: "-") }

    /// A command's id follows from journey and step, whenever it is decided.
    private var renamed: [String] {
        let ids = Dictionary(one.published.map { (Self.step($0), $0.id) }, uniquingKeysWith: { first, _ in first })
        return other.published.compactMap { published in
            guard let id = ids[Self.step(published)], id != published.id else { return nil }
            return "\(Self.step(published)) has the id \(id), and decided at another time \(published.id)"
        }
    }

    private func missing(from run: Simulation.Report, of full: Simulation.Report) -> [String] {
        let sent = Set(run.published.map(Self.step))
        return full.published.compactMap { published in
            guard !sent.contains(Self.step(published)), !explains(run, published) else { return nil }
            return
                "\(Self.step(published)) is sent in one course of the same events, and nothing says why not in another"
        }
    }

    private static func step(_ published: Evidence.Published) -> String {
        "step \(published.reminder.step) of \(published.reminder.journey)"
    }

    /// Whether the run's journal says why the reminder was not sent: it was skipped, or the journey came to an end or never
    /// opened. That each event left a fact has been seen to.
    private func explains(_ run: Simulation.Report, _ published: Evidence.Published) -> Bool {
        let reminder = published.reminder
        let words = run.words[reminder.journey] ?? []
        guard words.contains(where: { $0.hasPrefix("opened") }) else { return true }
        let event = reminder.journey.split(separator: " ").last.map(String.init) ?? ""
        let own = run.words[Self.prospect(of: event)] ?? []
        return own.contains { $0 == "opted out" || $0 == "erased" }
            || words.contains { word in
                ["converted", "cancelled", "superseded", "expired"].contains(word)
                    || word.hasPrefix("step \(reminder.step),") && word.contains("skipped")
            }
    }
}
