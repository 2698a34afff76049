import Foundation

@main
struct Main {
    static func main() {
        let options: BenchOptions
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            if words.first == RestartBench.engineArgument { return try RestartBench.serve(Array(words.dropFirst())) }
            do { options = try BenchOptions(words) } catch { fail(error, code: 64) }
            try run(options)
        } catch {
            fail(error, code: 70)
        }
    }

    private static func fail(_ error: any Error, code: Int32) -> Never {
        BenchReport.say("winback-bench: \(error)")
        exit(code)
    }

    private static func run(_ options: BenchOptions) throws {
        if options.asksForHelp { return print(BenchOptions.usage) }
        if let (before, after) = options.comparison {
            return try ReportComparison(before: before, after: after).print()
        }
        let started = Date()
        let bench = try Bench(options)
        var report = BenchReport()
        let result = Result { try bench.run(&report) }
        bench.close()
        try report.printTable()
        if let path = options.jsonPath {
            try ReportFile(report, startedAt: started, prospects: options.sizes.prospects).write(to: path)
        }
        // What was measured before a part failed took its time, too.
        try result.get()
    }
}
