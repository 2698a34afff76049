import Foundation

/// The results of scenarios in the form that CI systems read (JUnit's XML, as Apache Ant and Jenkins define it).
public struct JUnitReport {
    private var suites = ""
    private var tests = 0
    private var failures = 0

    public init() {}

    /// - Parameter seconds: how long each case took.
    public mutating func add(file: String, _ results: [(result: ScenarioResult, seconds: Double)]) {
        let failed = results.count { !$0.result.isGood }
        tests += results.count
        failures += failed
        let time = Self.time(results.reduce(0) { $0 + $1.seconds })
        suites +=
            "  <testsuite name=\"\(Self.escaped(file))\" tests=\"\(results.count)\" failures=\"\(failed)\" "
            + "errors=\"0\" time=\"\(time)\">\n"
        for (result, seconds) in results {
            suites +=
                "    <testcase name=\"\(Self.escaped(result.scenario.name))\" classname=\"\(Self.escaped(file))\" "
                + "line=\"\(result.scenario.place.line)\" time=\"\(Self.time(seconds))\""
            if result.isGood {
                suites += "/>\n"
            } else {
                let text = Self.escaped(result.difference.joined(separator: "\n"))
                suites +=
                    ">\n      <failure message=\"other reminders than wanted\">\(text)</failure>\n    </testcase>\n"
            }
        }
        suites += "  </testsuite>\n"
    }

    public var xml: String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"\(tests)\" failures=\"\(failures)\">\n\(suites)"
            + "</testsuites>\n"
    }

    private static func time(_ seconds: Double) -> String { String(format: "%.3f", seconds) }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            // XML 1.0 has no way to write other control characters.
            case "\u{0}"..<" ": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
