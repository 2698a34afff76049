/// Which journeys an event opens.
extension Reading {
    mutating func open(_ model: inout Model) {
        // An address that first comes with an update opens what the start would have opened.
        let isFirstAddress = type == "checkout.updated" && person.email == nil && message.usableEmail != nil
        for policy in model.configuration.policies {
            let opens = policy.opensOn == type
            guard opens || (isFirstAddress && policy.opensOn == "checkout.started") else { continue }
            if !policy.tenants.isEmpty {
                guard policy.tenants.contains(message.tenant) else { continue }
                model.meet(.tenants)
            }
            if !opens && isKnown(policy) { continue }
            if let reason = refusal(policy, &model) {
                decide(policy.name, "does not open: \(reason)")
                continue
            }
            guard isNew(policy, &model) else { continue }
            open(policy, &model)
            if !opens { model.meet(.firstAddress) }
        }
    }

    /// Whether the start that the update follows has had its say.
    private func isKnown(_ policy: PlainPolicy) -> Bool {
        person.journeys.contains {
            $0.policy.name == policy.name
                && policy.covers(message.product, message.subject, $0.product, $0.subject)
        }
            || person.notes.contains {
                $0.type == policy.convertsOn && policy.covers($0.product, $0.subject, message.product, message.subject)
            }
    }

    private func refusal(_ policy: PlainPolicy, _ model: inout Model) -> String? {
        if person.isSuppressed || time < person.liftedAt ?? .min {
            model.meet(.ignoredOptedOut)
            return "opted-out"
        }
        if time < model.actsFrom(policy) {
            model.meet(.beforeActivation)
            return "before-activation"
        }
        if time < model.activatedAt[policy.name] ?? .max { model.meet(.backfilled) }
        if model.isTooOld(time) {
            model.meet(.tooOld)
            return "too-old"
        }
        for note in person.notes where time <= note.time + skew {
            guard policy.covers(note.product, note.subject, message.product, message.subject) else { continue }
            if note.type == policy.convertsOn {
                model.meet(.conversionFirst)
                return "converted"
            }
            if note.type == "lead.cancelled" { return "cancelled" }
        }
        let overtaker = person.journeys.first { other in
            other.policy.supersedes.contains(policy.name) && isSameProduct(other.product)
                && time <= other.openedAt + skew
        }
        if overtaker != nil {
            model.meet(.supersedingFirst)
            return "superseded"
        }
        return nil
    }

    private func isSameProduct(_ product: String?) -> Bool {
        product == nil || message.product == nil || product == message.product
    }

    /// Whether the opening opens, as far as the policy's own last journey about the same is concerned.
    private mutating func isNew(_ policy: PlainPolicy, _ model: inout Model) -> Bool {
        let own = person.journeys.indices.filter {
            person.journeys[$0].policy.name == policy.name && person.journeys[$0].about == about(policy)
        }
        guard let last = own.max(by: { person.journeys[$0].openedAt < person.journeys[$1].openedAt }) else {
            return true
        }
        let journey = person.journeys[last]
        if time <= journey.openedAt {
            model.meet(.duplicate)
            decide(policy.name, "does not open: duplicate")
            return false
        }
        if let window = policy.reentryWindow {
            if time < journey.openedAt + window {
                model.meet(journey.status == .converted ? .purchaseInWindow : .insideWindow)
                decide(journey.name, "its window keeps another from opening")
                return false
            }
            model.meet(time == journey.openedAt + window ? .windowEnd : .afterWindow)
            if journey.isUnderWay { model.meet(.supersededByNewer) }
            return true
        }
        if journey.isUnderWay && !ended.contains(last) {
            model.meet(.refreshes)
            return false
        }
        // It refreshed the journey while steps were left, or would have, had it been read in time.
        guard time > journey.activityAt else {
            model.meet(.duplicate)
            decide(policy.name, "does not open: duplicate")
            return false
        }
        model.meet(.opensAnew)
        return true
    }

    private func about(_ policy: PlainPolicy) -> String? {
        switch policy.scope {
        case .prospect: nil
        case .product: message.product
        case .subject: message.subject
        }
    }

    private mutating func open(_ policy: PlainPolicy, _ model: inout Model) {
        var journey = Person.Journey(
            name: "\(policy.name) of \(message.id)", prospect: message.prospect ?? "", policy: policy,
            product: message.product,
            subject: message.subject, openedAt: time, activityAt: time, previousAt: time, details: details,
            detailsAt: bringsDetails ? time : .min)
        model.meet(.opening)
        if message.prospect == nil { model.meet(.byAddress) }
        if person.email != nil && message.usableEmail == nil { model.meet(.addressCameLater) }
        decide(journey.name, "opened at \(time)")
        for index in person.journeys.indices where person.journeys[index].isUnderWay && !ended.contains(index) {
            let other = person.journeys[index]
            let isOlder = other.policy.name == policy.name && other.about == journey.about
            let isSuperseded =
                policy.supersedes.contains(other.policy.name) && isSameProduct(other.product)
                && other.openedAt <= time + skew
            guard isOlder || isSuperseded else { continue }
            if isSuperseded { model.meet(.superseded) }
            person.journeys[index].status = .superseded
            ended.insert(index)
            decide(other.name, "superseded")
        }
        holdAsRemembered(&journey, policy, &model)
        person.journeys.append(journey)
        opened += 1
    }

    /// A payment that was read before the opening it belongs to holds the journey as it would have.
    private func holdAsRemembered(_ journey: inout Person.Journey, _ policy: PlainPolicy, _ model: inout Model) {
        let payments = person.notes.filter {
            $0.type.hasPrefix("payment.") && $0.time + skew >= time
                && policy.covers($0.product, $0.subject, message.product, message.subject)
        }
        guard let newest = payments.map(\.time).max(), let payment = payments.last(where: { $0.time == newest })
        else { return }
        journey.activityAt = max(journey.activityAt, newest)
        journey.paymentAt = newest
        guard payment.type == "payment.pending" else { return }
        model.meet(.heldBeforeOpening)
        journey.hold = newest..<newest + policy.holdMaximum
        journey.status = .held
    }
}
