import Kafka
import Terminal

struct DeadLettersResubmitCommand: Command {
    static let name = "dead-letters resubmit"
    static let summary = "Send refused messages to their event topic again"
    static let details = """
        For after a mistake in the configuration or the program has been mended. Each message goes where it came from, with \
        its key, headers and time, and a header that names its letter. In the same transaction a note goes to the \
        dead-letter topic, so that no letter is sent twice, also when the command is interrupted or run again. Messages \
        whose value was left out for its size are counted and stay.
        """
    static let options: [any OptionDeclaration] =
        [ConfigurationOptions.config, ConfigurationOptions.set] + LetterFilter.options + [all]
    static let positionals = [Positional("PLACE", .any, help: "Partition and offset, as list shows them: 0:17")]
    static let examples = [
        Example("winback dead-letters resubmit 0:17 2:4", help: "These two."),
        Example("winback dead-letters resubmit --reason foreign-key", help: "All that were refused for their key."),
    ]

    private static let all = Option.flag("all", help: "Every letter that was not sent again yet")
    private static let transactionMessages = 500
    private static let callMilliseconds: Int32 = 10_000

    private let configuration: ConfigurationOptions
    private let filter: LetterFilter

    init(_ arguments: Arguments) throws {
        configuration = ConfigurationOptions(arguments)
        filter = try LetterFilter(arguments, places: arguments[Self.positionals[0]])
        guard filter.isOpen == arguments[Self.all] else {
            throw UsageError(
                .missingArgument,
                filter.isOpen ? "say which letters, by place or filter, or --all" : "--all goes with no filter")
        }
    }

    func run() throws -> ExitCode {
        let box = LetterBox(try configuration.loadAndWarn())
        let producer = try TransactionalProducer(settings: box.settings, transactionalID: box.group)
        defer { producer.close() }
        // Before anything is read: another run of this command is fenced, so what it has sent is known from here on.
        try producer.initTransactions(timeoutMilliseconds: 3 * Self.callMilliseconds)
        let letters = try box.letters().filter { filter.includes($0.letter) && !$0.isResubmitted }.map(\.letter)
        let whole = letters.filter(\.isWhole)
        let stopped = Flag()
        let interruption = Interruption { stopped.raise() }
        defer { withExtendedLifetime(interruption) {} }
        let sent = try send(whole, box, producer) { stopped.isRaised }
        if letters.count > whole.count {
            Screen.errors.line("\(letters.count - whole.count) letters stay: their values were left out for their size")
        }
        Screen.output.line("\(sent) of \(whole.count) letters were sent again")
        return sent == whole.count ? .ok : .interrupted
    }

    private func send(
        _ letters: [Letter], _ box: LetterBox, _ producer: TransactionalProducer, until isStopped: () -> Bool
    ) throws -> Int {
        let progress = ProgressBar("resubmitting", total: Int64(letters.count), unit: "letters")
        defer { progress.finish() }
        var sent = 0
        while sent < letters.count, !isStopped() {
            let part = letters[sent..<min(sent + Self.transactionMessages, letters.count)]
            try producer.begin()
            for letter in part { try send(letter, box, producer) }
            try producer.commit(timeoutMilliseconds: Self.callMilliseconds)
            sent += part.count
            progress.update(to: Int64(sent))
        }
        return sent
    }

    private func send(_ letter: Letter, _ box: LetterBox, _ producer: TransactionalProducer) throws {
        guard let topic = letter.topic, let partition = letter.originalPartition else { return }
        let from = "\(box.topic)-\(letter.place)"
        try producer.send(
            topic: topic, partition: partition, key: letter.key, value: letter.value,
            headers: letter.headers.filter { $0.name != Letter.originHeader }
                + [(name: Letter.originHeader, value: Array(from.utf8))],
            timestampMilliseconds: letter.time)
        try producer.send(
            topic: box.topic, partition: letter.partition, key: letter.key, value: nil,
            headers: [(name: Letter.resubmittedHeader, value: Array("\(letter.offset)".utf8))])
    }
}
