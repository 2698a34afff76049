// swift-tools-version: 6.0
import PackageDescription

// The exclusivity of accesses to class properties is checked while developing and testing, not once per event in
// production. Swift 6.0's optimiser cannot do without the checks: it then destroys a value without copies that lies in a
// class whenever it is changed, so that its memory is freed twice. 6.3 does not.
#if compiler(>=6.3)
    let hotPath: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]
#else
    let hotPath: [SwiftSetting] = []
#endif

// jemalloc takes the place of the C library's allocator; under a sanitizer (scripts/sanitize) that is the sanitizer's part.
let allocator: [Target.Dependency] = Context.environment["SANITIZER"] == nil ? ["CJemalloc"] : []

// Every dependency is a C library of the distribution: nothing is downloaded while building.
let package = Package(
    name: "winback",
    products: [
        .executable(name: "winback", targets: ["winback"]),
        .executable(name: "winback-bench", targets: ["Bench"]),
        .executable(name: "winback-simulate", targets: ["Simulate"]),
        .executable(name: "winback-chaos", targets: ["RunChaos"]),
        .executable(name: "winback-damage", targets: ["RunDamage"]),
        // What scripts/fuzz links with libFuzzer, which has a main function of its own.
        .library(name: "winback-fuzz", type: .static, targets: ["FuzzEntry"]),
        .library(name: "FakeClock", type: .dynamic, targets: ["CFakeClock"]),
    ],
    targets: [
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CJemalloc", pkgConfig: "jemalloc", providers: [.apt(["libjemalloc-dev"])]),
        .systemLibrary(name: "CGetopt"),
        .systemLibrary(name: "CLinux"),
        .target(name: "CChecksum"),
        .target(name: "CKafka", linkerSettings: [.linkedLibrary("rdkafka")]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        .target(name: "Kafka", dependencies: ["CKafka"] + allocator, swiftSettings: hotPath),
        .target(name: "Contract", dependencies: ["CSimdJSON"], swiftSettings: hotPath),
        .target(name: "Journey", swiftSettings: hotPath),
        .target(name: "Journal", dependencies: ["CChecksum", "CCrypto", "CLinux"], swiftSettings: hotPath),
        .target(name: "Records", dependencies: ["Journey", "Journal"], swiftSettings: hotPath),
        .target(name: "Configuration", dependencies: ["CYAML", "Journey", "Contract"]),
        .target(name: "Telemetry", dependencies: ["Terminal"]),
        .target(
            name: "Engine",
            dependencies: [
                "Kafka", "Contract", "Journey", "Journal", "Records", "Configuration", "Telemetry", "CSodium",
            ],
            swiftSettings: hotPath),
        .target(
            name: "Scenarios", dependencies: ["Configuration", "Contract", "Engine", "Journal", "Journey", "Kafka"]),
        .target(name: "Leads", dependencies: ["Configuration", "Engine", "Journal", "Journey", "Records"]),
        .target(
            name: "Audit",
            dependencies: [
                "CLinux", "CSQLite", "Configuration", "Contract", "Engine", "Journal", "Journey", "Kafka", "Records",
                "Terminal",
            ],
            swiftSettings: hotPath),
        .target(name: "Terminal", dependencies: ["CGetopt"]),
        .target(
            name: "Demo",
            dependencies: [
                "Engine", "Kafka", "Contract", "Journey", "Journal", "Records", "Configuration", "Telemetry",
                "Terminal",
            ]),
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Audit", "Configuration", "Contract", "Demo", "Engine", "Journal", "Journey", "Kafka", "Records",
                "Telemetry", "Terminal",
            ],
            swiftSettings: hotPath),
        .executableTarget(
            name: "winback",
            dependencies: [
                "Audit", "Engine", "Leads", "Scenarios", "Demo", "Kafka", "Contract", "Journey", "Journal", "Records",
                "Configuration", "Telemetry", "Terminal",
            ]),

        .target(name: "KafkaTestSupport", dependencies: ["Kafka"], path: "Tests/Support", exclude: ["witness.py"]),
        .target(name: "CFakeClock", path: "Tests/CFakeClock"),
        .target(name: "RandomTestSupport", path: "Tests/Random"),
        .target(name: "DiskTestSupport", dependencies: ["Journal", "RandomTestSupport"], path: "Tests/Disk"),
        .target(
            name: "Simulator",
            dependencies: [
                "Configuration", "DiskTestSupport", "Engine", "Journal", "Journey", "Kafka", "RandomTestSupport",
                "Records", "Telemetry",
            ],
            path: "Tests/Simulator"),
        .target(
            name: "Chaos", dependencies: ["Kafka", "KafkaTestSupport", "RandomTestSupport"], path: "Tests/Chaos",
            exclude: ["oracle.py"]),
        .executableTarget(
            name: "RunChaos", dependencies: ["Chaos", "KafkaTestSupport", "winback"], path: "Tests/RunChaos"),
        .executableTarget(name: "Simulate", dependencies: ["DiskTestSupport", "Simulator"], path: "Tests/Simulate"),
        .testTarget(name: "SabotageTests", path: "Tests/Sabotage", exclude: ["Sabotages"]),
        .target(
            name: "Damage",
            dependencies: [
                "CChecksum", "Configuration", "Demo", "DiskTestSupport", "Engine", "Journal", "Journey", "Kafka",
                "RandomTestSupport",
            ],
            path: "Tests/Damage"),
        .executableTarget(name: "RunDamage", dependencies: ["Damage"], path: "Tests/RunDamage"),
        .target(
            name: "FuzzTrials",
            dependencies: [
                "CChecksum", "Configuration", "Contract", "DiskTestSupport", "Journal", "Journey", "RandomTestSupport",
                "Records",
            ],
            path: "Tests/Fuzz", exclude: ["Corpus", "Words"]),
        .target(name: "FuzzEntry", dependencies: ["FuzzTrials"], path: "Tests/FuzzEntry"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTrials"], path: "Tests/FuzzReplay"),
        .testTarget(name: "SimulationTests", dependencies: ["DiskTestSupport", "Simulator"], path: "Tests/Simulation"),
        .testTarget(name: "JourneyTests", dependencies: ["Journey", "RandomTestSupport"], path: "Tests/Journey"),
        .testTarget(name: "ContractTests", dependencies: ["Contract", "RandomTestSupport"], path: "Tests/Contract"),
        .testTarget(
            name: "JournalTests", dependencies: ["Damage", "DiskTestSupport", "Journal", "RandomTestSupport"],
            path: "Tests/Journal"),
        .testTarget(
            name: "RecordsTests",
            dependencies: ["DiskTestSupport", "Records", "Journal", "Journey", "RandomTestSupport"],
            path: "Tests/Records"),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Configuration", "RandomTestSupport"],
            path: "Tests/Configuration"),
        .testTarget(name: "KafkaTests", dependencies: ["Kafka", "KafkaTestSupport"], path: "Tests/Kafka"),
        .testTarget(
            name: "EngineTests", dependencies: ["DiskTestSupport", "Engine", "RandomTestSupport"], path: "Tests/Engine"),
        .testTarget(
            name: "ScenariosTests", dependencies: ["Scenarios", "Configuration"], path: "Tests/Scenarios"),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal", "Telemetry"], path: "Tests/Terminal"),
        .testTarget(name: "DemoTests", dependencies: ["Demo", "Contract"], path: "Tests/Demo"),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "winback", "Audit", "Configuration", "Engine", "Journal", "Journey", "Kafka", "Leads", "Terminal",
            ],
            path: "Tests/CommandLine"),
        .testTarget(
            name: "LeadsTests", dependencies: ["Leads", "Engine", "Configuration", "Kafka", "Journal", "Journey"],
            path: "Tests/Leads"),
        .testTarget(
            name: "AuditTests",
            dependencies: [
                "Audit", "CSQLite", "Configuration", "Engine", "Journal", "Journey", "Kafka", "Leads",
                "RandomTestSupport", "Records", "Terminal",
            ],
            path: "Tests/Audit", exclude: ["Golden"]),
        .testTarget(name: "BenchTests", dependencies: ["Bench", "Kafka", "KafkaTestSupport"], path: "Tests/Bench"),
        .testTarget(name: "IntegrationTests", dependencies: ["Kafka", "KafkaTestSupport"], path: "Tests/Integration"),
        .testTarget(
            name: "PromisesTests",
            dependencies: [
                "winback", "Configuration", "Engine", "Journal", "Journey", "Kafka", "Telemetry", "KafkaTestSupport",
                "RandomTestSupport", "Chaos",
            ],
            path: "Tests/Promises"),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
