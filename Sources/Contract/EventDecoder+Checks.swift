import CSimdJSON

extension EventDecoder {
    func checkEncoding() throws(Refusal) {
        for i in 0..<EventField.mapped + fieldCount {
            let value = values[i]
            guard value.count > 0, !sj_is_utf8(value.bytes, Int(value.count)) else { continue }
            let field = EventField.slot(i)
            guard event.pointee.isLenient, !isNeeded(field) else {
                throw Refusal(.invalidUTF8, field: field, location: location(i))
            }
            values[i] = sj_value()
        }
    }

    func checkTexts() throws(Refusal) {
        try checkSpecVersion()
        try checkText(.id, EventBounds.id)
        try checkText(.source, EventBounds.source)
        try checkText(.subject, EventBounds.subject)
        try checkText(.tenant, EventBounds.tenant)
        try checkText(.prospectID, EventBounds.prospectID)
        try checkText(.product, EventBounds.product)
        try checkText(.aboutSubject, EventBounds.subject)
        try checkText(.traceparent, EventBounds.traceparent)
    }

    private func checkSpecVersion() throws(Refusal) {
        let value = values[Int(EventField.specVersion.rawValue)]
        if value.kind == JSONKind.string.rawValue, value.buffer.equals("1.0") { return }
        if shape.format == .json { return }
        guard !event.pointee.isLenient else { return }
        if value.isNothing {
            guard !isRequired(.specVersion) else { throw refusal(.missingField, .specVersion) }
        } else {
            guard value.kind == JSONKind.string.rawValue else { throw wrongType(.specVersion) }
            throw refusal(.unsupportedSpecVersion, .specVersion)
        }
    }

    @inline(__always)
    private func checkText(_ field: EventField, _ limit: Int) throws(Refusal) {
        let value = values[Int(field.rawValue)]
        if value.kind == JSONKind.string.rawValue, value.count > 0, value.count <= limit { return }
        if value.kind == JSONKind.missing.rawValue, !isRequired(field) { return }
        try checkUnusualText(field, value, limit)
    }

    /// Texts are strings, and where an attribute of a CloudEvent is not meant also whole numbers.
    private func checkUnusualText(_ field: EventField, _ value: sj_value, _ limit: Int) throws(Refusal) {
        let isText = value.kind == JSONKind.string.rawValue || (mayBeNumber(field) && value.isWholeNumber)
        let isFaulty = value.isNothing ? isRequired(field) : !isText || value.count > limit
        if isFaulty, !event.pointee.isLenient || isNeeded(field) {
            if value.isNothing { throw refusal(.missingField, field) }
            guard isText else { throw wrongType(field) }
            throw .size(count: Int(value.count), limit: limit, field: field, location: location(field))
        }
        if isFaulty || value.isNothing { values[Int(field.rawValue)] = sj_value() }
    }

    func checkTime(_ messageTimestamp: Int64) throws(Refusal) {
        let value = values[Int(EventField.time.rawValue)]
        let time: Int64
        switch value.jsonKind {
        case .missing, .null:
            guard !isRequired(.time), messageTimestamp >= 0 else { throw refusal(.missingField, .time) }
            time = messageTimestamp
        case .string, .number:
            guard value.kind == JSONKind.string.rawValue || shape.timeFormat != .rfc3339 else { throw wrongType(.time) }
            guard let parsed = parseTime(value.buffer) else {
                throw .time(shape.timeFormat, location: location(.time))
            }
            time = parsed
        case .bool, .object, .array:
            throw wrongType(.time)
        }
        guard EventBounds.time.contains(time) else { throw refusal(.timeOutOfRange, .time) }
        event.pointee.timeMilliseconds = time
    }

    private func parseTime(_ text: UnsafeRawBufferPointer) -> Int64? {
        switch shape.timeFormat {
        case .rfc3339: Timestamp.parse(text)
        case .unixSeconds: UnixTime.parse(text, unitMilliseconds: 1000)
        case .unixMilliseconds: UnixTime.parse(text, unitMilliseconds: 1)
        }
    }

    func checkIdentity() throws(Refusal) {
        let value = values[Int(EventField.email.rawValue)]
        event.pointee.address = .missing
        event.pointee.email = UnsafeRawBufferPointer(start: nil, count: 0)
        if value.kind == JSONKind.string.rawValue {
            readAddress(EmailAddress.trimmed(value.buffer))
        } else if !value.isNothing, !event.pointee.isLenient || isNeeded(.email) {
            throw wrongType(.email)
        }
        switch shape.identity {
        case .prospect:
            guard slot(.prospectID).count > 0 || address == .usable else {
                throw refusal(.missingIdentity, .prospectID)
            }
        case .email:
            guard address == .usable else { throw refusal(.missingIdentity, .email) }
        }
    }

    private func readAddress(_ trimmed: UnsafeRawBufferPointer) {
        guard trimmed.count > 0 else { return }
        guard EmailAddress.lowercase(trimmed, to: normalised) else {
            event.pointee.address = .unusable
            return
        }
        event.pointee.address = .usable
        event.pointee.email = trimmed
    }

    func checkConsent() throws(Refusal) {
        let value = values[Int(EventField.consent.rawValue)]
        event.pointee.consent = .unknown
        if value.kind == JSONKind.bool.rawValue {
            // `true` or `false`, by its length.
            event.pointee.consent = value.count == 4 ? .given : .withheld
        } else if !value.isNothing {
            if hasOwnConsent, let consent = consent(value.buffer) {
                event.pointee.consent = consent
            } else if !event.pointee.isLenient {
                throw wrongType(.consent)
            }
        }
    }

    /// As headers, constants and numbers say it.
    private func consent(_ text: UnsafeRawBufferPointer) -> Consent? {
        if text.equals("true") || text.equals("1") { return .given }
        return text.equals("false") || text.equals("0") ? .withheld : nil
    }

    func checkFields() throws(Refusal) {
        var mask: UInt64 = 0
        var total = 0
        for i in 0..<fieldCount {
            let slot = EventField.mapped + i
            let count = Int(values[slot].count)
            if values[slot].isNothing {
                values[slot] = sj_value()
            } else if count <= EventBounds.field, total + count <= EventBounds.fieldsTogether {
                total += count
                mask |= 1 << UInt64(i)
            } else if event.pointee.isLenient {
                values[slot] = sj_value()
            } else if count > EventBounds.field {
                throw .size(count: count, limit: EventBounds.field, field: .further, location: location(slot))
            } else {
                throw .size(
                    count: total + count, limit: EventBounds.fieldsTogether, field: .further, location: location(slot))
            }
        }
        event.pointee.fieldMask = mask
    }
}
