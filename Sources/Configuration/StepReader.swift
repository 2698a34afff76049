import Journey

/// The names under `templates:`; `nil` where the list itself is missing or broken, which is reported once.
struct Templates {
    var names: [String]?
}

/// Reads `steps:` and finds those that could never send anything.
struct StepReader {
    var clock: Clock
    var templates: Templates
    /// `nil` where it could not be read.
    var retention: Span?

    func read(_ value: Value) -> [Policy.Step] {
        guard let items = value.items(maximum: Limits.steps) else { return [] }
        if items.isEmpty { value.mistake(.missing, "`steps` is empty: without a step no reminder would ever be sent") }
        var steps: [Policy.Step] = []
        var due: Span? = .zero
        for (index, item) in items.enumerated() {
            guard let section = Section(item, keys: ["after", "from", "template", "maxLateness"]) else {
                due = nil
                continue
            }
            let (step, hasAfter) = read(section, isFirst: index == 0)
            steps.append(step)
            // Where one step's time is unknown, nothing can be said of the next one.
            guard hasAfter, let before = due else {
                due = step.from == .anchor && hasAfter ? step.after : nil
                continue
            }
            due = check(step, number: index + 1, after: before, section)
        }
        return steps
    }

    private func read(_ section: Section, isFirst: Bool) -> (Policy.Step, hasAfter: Bool) {
        var step = Policy.Step(after: .zero, template: "")
        let after = section.required("after", "say when the step is due, as in `after: 3d`")?.span(
            PolicyReader.positive)
        if let after { step.after = after }
        if let from = section["from"], let origin = from.choice(of: Policy.Step.Origin.self) {
            if isFirst && origin == .previous {
                from.mistake(.conflict, "the first step has no previous one: leave `from` out to count from the anchor")
            } else {
                step.from = origin
            }
        }
        if let template = section.required("template", "name one of `templates`") {
            step.template = readTemplate(template) ?? ""
        }
        if let lateness = section["maxLateness"] { readLateness(lateness, into: &step) }
        return (step, after != nil)
    }

    private func readTemplate(_ value: Value) -> String? {
        guard let names = templates.names else {
            _ = value.text("a template", maximumBytes: Limits.textBytes)
            return nil
        }
        return value.name("a template", among: names) { _ in
            "template `\(value.written)` is not listed under `templates`"
        }
    }

    /// A command says that it expires at due plus `maxLateness`, and it is emitted when the partition's clock, which runs
    /// `clock.lateness` behind, has passed the due time.
    private func readLateness(_ value: Value, into step: inout Policy.Step) {
        guard let span = value.span(.zero...SpanText.maximum) else { return }
        step.maxLateness = span
        let usual = clock.lateness + clock.interval + clock.maxAge
        if span <= clock.lateness {
            value.mistake(
                .neverFires,
                "`maxLateness` \(SpanText.describe(span)) lets no reminder through: a step is decided `clock.lateness` "
                    + "(\(SpanText.describe(clock.lateness))) after it is due, when this one has expired; "
                    + "allow at least \(SpanText.describe(usual))")
        } else if span < usual {
            value.warning(
                .neverFires,
                "`maxLateness` \(SpanText.describe(span)) may expire before a reminder is sent, which can take "
                    + "\(SpanText.describe(usual)) without anything being wrong")
        }
    }

    /// - Returns: when the step is due, counted from the anchor, if every step is sent on time.
    private func check(_ step: Policy.Step, number: Int, after before: Span, _ section: Section) -> Span {
        let due = step.from == .previous ? before + step.after : step.after
        guard let after = section["after"] else { return due }
        if number > 1 && due <= before {
            after.mistake(
                .neverFires,
                "step \(number) is due \(SpanText.describe(due)) after the anchor, no later than step \(number - 1) "
                    + "(\(SpanText.describe(before))), which could then never fire: of two steps that are due together "
                    + "only the last is sent; make it later, or count `from: previous`")
        } else if let retention, due > retention {
            after.mistake(
                .neverFires,
                "step \(number) could never fire: it is due \(SpanText.describe(due)) after the opening, and the lead "
                    + "expires after \(SpanText.describe(retention)) (`retention`)")
        } else if number > 1, step.from == .anchor, due - before <= clock.interval {
            after.warning(
                .neverFires,
                "step \(number - 1) may never fire: step \(number) is due only \(SpanText.describe(due - before)) later, "
                    + "and of two steps that are due at one tick only the last is sent")
        }
        return max(due, before)
    }
}
