import Journey

/// Tells decisions that differ from the journal's from those that the shard has completed: details that lack what a journey
/// knew already are completed from its record before they are kept, and the address is then found in that record.
struct CompletedDetails {
    private let input: Input
    private let state: ProspectState

    /// - Parameter state: what was known before the event.
    init(_ input: Input, _ state: ProspectState) {
        self.input = input
        self.state = state
    }

    /// Whether the journalled facts are what was decided, completed.
    func explain(_ journalled: Facts, instead decided: Facts) -> Bool {
        var rest = journalled[...]
        var isCompleted = false
        for fact in decided {
            switch fact {
            case .detailsRefreshed(let reference, let details, let at) where lacks(reference, details):
                isCompleted = true
                guard case .detailsRefreshed(reference, let kept, at)? = rest.first else {
                    // Complete, it brought nothing that is newer.
                    if isKnownSince(reference, at) { continue }
                    return false
                }
                guard kept.isNone || kept.fields == fields(reference) | details.fields else { return false }
                rest = rest.dropFirst()
            case .detailsRefreshed(let reference, let details, let at) where !details.isNone:
                // Kept as it came; its record lies where the journal says.
                guard case .detailsRefreshed(reference, let kept, at)? = rest.first,
                    kept.hash == details.hash, kept.fields == details.fields
                else { return false }
                rest = rest.dropFirst()
            case .contactRefreshed(_, let at):
                guard case .contactRefreshed(_, at)? = rest.first else {
                    if state.contact.time == at { continue }
                    return false
                }
                rest = rest.dropFirst()
            default:
                guard rest.first == fact else { return false }
                rest = rest.dropFirst()
            }
        }
        if rest.isEmpty { return !journalled.isEmpty }
        return isCompleted && rest.elementsEqual([.ignored(.nothingNew, nil)])
    }

    private func journey(_ reference: JourneyReference) -> JourneyState? {
        state.journeys.first { $0.reference == reference }
    }

    private func lacks(_ reference: JourneyReference, _ details: Details) -> Bool {
        journey(reference)?.lacks(details) ?? false
    }

    private func fields(_ reference: JourneyReference) -> UInt64 { journey(reference)?.details.fields ?? 0 }

    private func isKnownSince(_ reference: JourneyReference, _ time: Instant) -> Bool {
        journey(reference).map { $0.detailsAt >= time } ?? false
    }
}
