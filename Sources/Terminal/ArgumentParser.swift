@preconcurrency import CGetopt
import Glibc
import Synchronization

/// Takes a command's arguments apart with the C library's `getopt_long`: short options can be joined (`-xn 5`), long
/// ones shortened while they stay unambiguous, options may follow positionals, and `--` ends them.
struct ArgumentParser {
    /// `getopt_long` keeps its place in global variables.
    private static let getoptLock = Mutex<Void>(())
    /// Values of `option.val` from here on are indexes into the options, clear of all characters.
    private static let firstLongValue: Int32 = 0x1_0000

    let options: [any OptionDeclaration]
    let positionals: [Positional]

    func parse(_ words: [String]) throws -> Arguments {
        let (given, rest) = try ArgumentParser.getoptLock.withLock { _ in try scan(words) }
        for option in options { try option.check(given[option.name] ?? []) }
        return Arguments(
            options: given, declared: Set(options.map(\.name)), positionals: try assign(rest))
    }

    private func scan(_ words: [String]) throws -> (options: [String: [String]], rest: [String]) {
        // The first word stands for the program's name; getopt_long reorders the array, so a copy of each
        // pointer is kept for freeing.
        let owned = (["winback"] + words).map { strdup($0) }
        defer { for pointer in owned { free(pointer) } }
        var argv = owned + [nil]
        let names = options.map { strdup($0.name) }
        defer { for pointer in names { free(pointer) } }
        var longs = options.indices.map { index in
            option(
                name: names[index], has_arg: options[index].label == nil ? no_argument : required_argument, flag: nil,
                val: ArgumentParser.firstLongValue + Int32(index))
        }
        longs.append(option())
        // A colon in front: a missing value is told from an unknown option, and nothing is printed.
        let shorts =
            ":"
            + options.compactMap { option in option.short.map { "\($0)" + (option.label == nil ? "" : ":") } }.joined()

        var given: [String: [String]] = [:]
        optind = 0
        opterr = 0
        while true {
            let wordIndex = Int(max(optind, 1))
            let word = wordIndex < owned.count ? argv[wordIndex].map { String(cString: $0) } : nil
            let found = getopt_long(Int32(owned.count), &argv, shorts, longs, nil)
            if found == -1 { break }
            if found == 0x3F { throw unknown(lastWord(argv) ?? word ?? "", code: optopt) }
            if found == 0x3A {
                let option = declaration(of: optopt)!
                throw UsageError(
                    .missingValue, "--\(option.name) needs a value: --\(option.name) \(option.label ?? "")")
            }
            let option = declaration(of: found)!
            if !option.isRepeatable, option.label != nil, given[option.name] != nil {
                throw UsageError(.repeatedOption, "--\(option.name) is given twice")
            }
            given[option.name, default: []].append(optarg.map { String(cString: $0) } ?? "")
        }
        return (given, argv[Int(optind)..<owned.count].compactMap { $0.map { String(cString: $0) } })
    }

    /// The word that `getopt_long` has just left: it stays at the word while there are joined short options in it.
    private func lastWord(_ argv: [UnsafeMutablePointer<CChar>?]) -> String? {
        let index = Int(optind) - 1
        return argv.indices.contains(index) ? argv[index].map { String(cString: $0) } : nil
    }

    private func declaration(of value: Int32) -> (any OptionDeclaration)? {
        if value >= ArgumentParser.firstLongValue { return options[Int(value - ArgumentParser.firstLongValue)] }
        return Unicode.Scalar(UInt32(value)).flatMap { scalar in options.first { $0.short == Character(scalar) } }
    }

    private func unknown(_ word: String, code: Int32) -> UsageError {
        if code >= ArgumentParser.firstLongValue, let option = declaration(of: code) {
            return UsageError(.unexpectedValue, "--\(option.name) takes no value")
        }
        if code != 0, let scalar = Unicode.Scalar(UInt32(code)) {
            let character = Character(scalar)
            let candidates = options.filter { $0.name.first == character }
            return UsageError(
                .unknownOption, "unknown option -\(character)",
                suggestion: candidates.count == 1 ? "--\(candidates[0].name)" : nil)
        }
        let name = String(word.drop { $0 == "-" }.prefix { $0 != "=" })
        let begun = options.map(\.name).filter { $0.hasPrefix(name) }
        if begun.count > 1 {
            let list = begun.map { "--\($0)" }.joined(separator: ", ")
            return UsageError(.ambiguousOption, "--\(name) may be any of \(list)")
        }
        return UsageError(
            .unknownOption, "unknown option --\(name)",
            suggestion: Suggestion.closest(to: name, among: options.map(\.name)).map { "--\($0)" })
    }

    private func assign(_ words: [String]) throws -> [String: [String]] {
        var left = words[...]
        var values: [String: [String]] = [:]
        for positional in positionals {
            let taken = positional.takesRest ? left : left.prefix(1)
            if taken.isEmpty && positional.isRequired {
                throw UsageError(.missingArgument, "\(positional.label) is missing: \(positional.help)")
            }
            values[positional.label] = Array(taken)
            left = left.dropFirst(taken.count)
        }
        if let first = left.first {
            throw UsageError(.unexpectedArgument, "unexpected argument '\(first)'")
        }
        return values
    }
}
