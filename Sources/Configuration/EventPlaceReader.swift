import Contract

/// Reads where a field lies: `/customer/id`, `{header: customer-id}`, `{value: acme}`, or a list of such places.
struct EventPlaceReader {
    var format: EventShape.Format

    /// - Parameter field: one of the mapped ones; `nil`: one of those that policies use besides.
    func places(_ value: Value, of field: MappedField?) -> [EventShape.Place]? {
        guard let items = items(value) else { return nil }
        if items.isEmpty { value.mistake(.missing, "`\(value.name)` is empty: name a place, or leave the key out") }
        var places: [EventShape.Place] = []
        for (i, item) in items.enumerated() {
            guard let place = place(item, of: field) else { continue }
            if case .constant = place, i + 1 < items.count {
                item.mistake(.conflict, "a constant is always there, so it comes last in `\(value.name)`")
            } else if places.contains(place) {
                item.mistake(.duplicate, "`\(item.written)` is listed twice: keep one of them")
            }
            places.append(place)
        }
        return places.isEmpty ? nil : places
    }

    /// A single place counts as a list of one.
    private func items(_ value: Value) -> [Value]? {
        switch value.node.content {
        case .mapping: [value]
        case .scalar, .sequence: value.items(maximum: EventBounds.placeCount)
        }
    }

    private func place(_ value: Value, of field: MappedField?) -> EventShape.Place? {
        guard case .mapping = value.node.content else { return pointer(value).map { .pointer($0) } }
        guard let section = Section(value, keys: ["header", "value"]) else { return nil }
        switch (section["header"], section["value"]) {
        case (let header?, nil):
            return header.text("the name of a header", maximumBytes: Limits.textBytes).map { .header($0) }
        case (nil, let constant?):
            guard field?.mayBeConstant ?? true else {
                value.mistake(.conflict, "`\(field?.rawValue ?? "")` cannot be the same for all events")
                return nil
            }
            return constant.text("a text", maximumBytes: Limits.textBytes).map { .constant($0) }
        default:
            value.mistake(.invalidValue, "name a pointer, `{header: NAME}` or `{value: TEXT}`")
            return nil
        }
    }

    private func pointer(_ value: Value) -> String? {
        guard let pointer = value.text("a JSON pointer", maximumBytes: Limits.textBytes) else { return nil }
        switch format {
        case .cloudEvents:
            guard let complaint = JSONPointer.complaint(pointer) else { return pointer }
            value.mistake(
                .invalidValue, "`\(value.written)` \(complaint)",
                suggestion: pointer == value.written ? JSONPointer.guess(pointer) : nil)
            return nil
        case .json:
            guard EventShape.isPointer(pointer), pointer.count > 1 else {
                let guess = "/" + pointer.replacing(".", with: "/")
                value.mistake(
                    .invalidValue, "`\(value.written)` is no JSON pointer: write it as `/customer/id`",
                    suggestion: pointer == value.written && !pointer.hasPrefix("/") && EventShape.isPointer(guess)
                        ? guess : nil)
                return nil
            }
            return pointer
        }
    }
}
