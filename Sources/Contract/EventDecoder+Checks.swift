import CSimdJSON

extension EventDecoder {
    func readType() -> Refusal? {
        let value = values[Int(EventField.type.rawValue)]
        switch value.jsonKind {
        case .missing, .null: return refusal(.missingField, .type)
        case .string: break
        case .number, .bool, .object, .array: return wrongType(.type)
        }
        guard value.count > 0 else { return refusal(.missingField, .type) }
        typeIndex = types.index(of: value.buffer)
        return nil
    }

    /// Headers are not looked at by the parser, and a value that is not UTF-8 may be sound where it matters.
    func checkEncoding(_ isLenient: Bool) -> Refusal? {
        for i in 0..<EventField.mapped + fieldCount {
            let value = values[i]
            guard value.count > 0, !sj_is_utf8(value.bytes, Int(value.count)) else { continue }
            let field = EventField.slot(i)
            guard isLenient, !isNeeded(field) else {
                return Refusal(.invalidUTF8, field: field, location: location(i))
            }
            values[i] = sj_value()
        }
        return nil
    }

    func checkTexts(_ isLenient: Bool) -> Refusal? {
        if !isLenient, shape.specVersion != nil, let refusal = checkSpecVersion() { return refusal }
        return checkText(.id, EventBounds.id, isLenient)
            ?? checkText(.source, EventBounds.source, isLenient)
            ?? checkText(.subject, EventBounds.subject, isLenient)
            ?? checkText(.tenant, EventBounds.tenant, isLenient)
            ?? checkText(.prospectID, EventBounds.prospectID, isLenient)
            ?? checkText(.product, EventBounds.product, isLenient)
            ?? checkText(.aboutSubject, EventBounds.subject, isLenient)
            ?? checkText(.traceparent, EventBounds.traceparent, isLenient)
    }

    private func checkSpecVersion() -> Refusal? {
        let value = values[Int(EventField.specVersion.rawValue)]
        switch value.jsonKind {
        case .missing, .null: return required(.specVersion) ? refusal(.missingField, .specVersion) : nil
        case .string: return value.buffer.equals("1.0") ? nil : refusal(.unsupportedSpecVersion, .specVersion)
        case .number, .bool, .object, .array: return wrongType(.specVersion)
        }
    }

    /// Strings, and whole numbers in the data: some services number their prospects and products.
    @inline(__always)
    private func checkText(_ field: EventField, _ limit: Int, _ isLenient: Bool) -> Refusal? {
        let value = values[Int(field.rawValue)]
        if value.kind == JSONKind.string.rawValue, value.count > 0, value.count <= limit { return nil }
        return checkUnusualText(field, value, limit, isLenient)
    }

    private func checkUnusualText(_ field: EventField, _ value: sj_value, _ limit: Int, _ isLenient: Bool) -> Refusal? {
        let fault: Refusal?
        switch value.jsonKind {
        case .missing, .null:
            fault = required(field) ? refusal(.missingField, field) : nil
        case .string where value.count == 0:
            fault = required(field) ? refusal(.missingField, field) : nil
        case .number where !(field.isInData && value.isWholeNumber):
            fault = wrongType(field)
        case .string, .number:
            guard value.count > limit else { return nil }
            fault = .size(
                count: Int(value.count), limit: limit, field: field, location: location(field))
        case .bool, .object, .array:
            fault = wrongType(field)
        }
        if let fault, !isLenient || isNeeded(field) { return fault }
        values[Int(field.rawValue)] = sj_value()
        return nil
    }

    func checkTime(_ messageTimestamp: Int64) -> Refusal? {
        let value = values[Int(EventField.time.rawValue)]
        switch (value.jsonKind, shape.timeFormat) {
        case (.missing, _), (.null, _):
            guard !required(.time), messageTimestamp >= 0 else { return refusal(.missingField, .time) }
            timeMilliseconds = messageTimestamp
        case (.string, .rfc3339):
            guard let time = Timestamp.parse(value.buffer) else { return refusal(.invalidTime, .time) }
            timeMilliseconds = time
        case (.number, .unixMilliseconds):
            guard value.isWholeNumber else { return refusal(.invalidTime, .time) }
            // Whatever does not fit is out of range, too.
            timeMilliseconds = value.wholeNumber ?? .max
        case (.string, _), (.number, _), (.bool, _), (.object, _), (.array, _):
            return wrongType(.time)
        }
        return EventBounds.time.contains(timeMilliseconds) ? nil : refusal(.timeOutOfRange, .time)
    }

    func checkIdentity(_ isLenient: Bool) -> Refusal? {
        let value = values[Int(EventField.email.rawValue)]
        address = .missing
        email = UnsafeRawBufferPointer(start: nil, count: 0)
        normalisedEmail = email
        switch value.jsonKind {
        case .string:
            let trimmed = EmailAddress.trimmed(value.buffer)
            if EmailAddress.isUsable(trimmed) {
                address = .usable
                EmailAddress.lowercase(trimmed, to: normalised)
                email = trimmed
                normalisedEmail = UnsafeRawBufferPointer(start: normalised, count: trimmed.count)
            } else if trimmed.count > 0 {
                address = .unusable
            }
        case .missing, .null: break
        case .number, .bool, .object, .array:
            guard isLenient, !isNeeded(.email) else { return wrongType(.email) }
        }
        switch shape.identity {
        case .prospect:
            return slot(.prospectID).count > 0 || address == .usable ? nil : refusal(.missingIdentity, .prospectID)
        case .email: return address == .usable ? nil : refusal(.missingIdentity, .email)
        }
    }

    func checkConsent(_ isLenient: Bool) -> Refusal? {
        let value = values[Int(EventField.consent.rawValue)]
        consent = .unknown
        switch value.jsonKind {
        case .missing, .null: return nil
        case .bool:
            // `true` or `false`, by its length.
            consent = value.count == 4 ? .given : .withheld
            return nil
        case .string, .number, .object, .array: return isLenient ? nil : wrongType(.consent)
        }
    }

    func checkFields(_ isLenient: Bool) -> Refusal? {
        var mask: UInt64 = 0
        var total = 0
        for i in 0..<fieldCount {
            let slot = EventField.mapped + i
            let value = values[slot]
            guard value.count > 0, value.kind != JSONKind.null.rawValue else {
                values[slot] = sj_value()
                continue
            }
            let count = Int(value.count)
            guard count <= EventBounds.field, total + count <= EventBounds.fieldsTogether else {
                if isLenient {
                    values[slot] = sj_value()
                    continue
                }
                let isOne = count > EventBounds.field
                return .size(
                    count: isOne ? count : total + count,
                    limit: isOne ? EventBounds.field : EventBounds.fieldsTogether,
                    field: .further, location: location(slot))
            }
            total += count
            mask |= 1 << UInt64(i)
        }
        fieldMask = mask
        return nil
    }
}
