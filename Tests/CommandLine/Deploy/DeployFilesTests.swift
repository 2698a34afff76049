import Configuration
import Foundation
import Terminal
import Testing

/// What `deploy/` hands to Docker, systemd and Kubernetes must fit the program and itself.
@Suite struct DeployFilesTests {
    private let winback: WinbackProgram

    init() throws { winback = try WinbackProgram() }

    @Test func everyYAMLFileCanBeRead() throws {
        let names = try ["", "kubernetes", "examples"].flatMap { try DeployFolder.names(in: $0, suffix: ".yaml") }
        #expect(names.count >= 10, "\(names)")
        for name in names { _ = try DeployFolder.yaml(name) }
    }

    /// A command line of the program, as a file has it: the command must exist, and each of its options.
    private func requireCommand(_ arguments: [String], _ place: String) throws {
        let words = arguments.prefix { !$0.hasPrefix("-") }
        let ending = try winback.run(Array(words) + ["--help"])
        #expect(ending.code == 0, "\(place): there is no `winback \(words.joined(separator: " "))`")
        for option in arguments.dropFirst(words.count) where option.hasPrefix("--") {
            let name = option.prefix { $0 != "=" }
            #expect(
                ending.output.contains("\(name) "), "\(place): `winback \(words.joined(separator: " "))` has no \(name)"
            )
        }
    }

    // MARK: systemd

    private func unit() throws -> [(key: String, value: String)] {
        try DeployFolder.text("winback.service").split(separator: "\n")
            .filter { !$0.hasPrefix("#") && $0.contains("=") }
            .map { line in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), String(parts[1]))
            }
    }

    @Test func theUnitStartsACommandThatExists() throws {
        let start = try #require(try unit().first { $0.key == "ExecStart" }).value.split(separator: " ").map(
            String.init)
        #expect(start[0] == "/usr/local/bin/winback")
        try requireCommand(Array(start.dropFirst()), "winback.service")
    }

    @Test func theUnitLeavesToOperatorsWhatAnotherStartCannotMend() throws {
        let list = try #require(try unit().first { $0.key == "RestartPreventExitStatus" }).value
        let codes = list.split(separator: " ").map { Int32($0).flatMap(ExitCode.init(rawValue:)) }
        #expect(Set(codes) == [.usage, .data, .noInput, .cannotCreate, .permission])
    }

    @Test func theUnitsDataLieInItsStateDirectory() throws {
        let unit = try unit()
        #expect(unit.contains { $0 == ("StateDirectory", "winback") })
        #expect(unit.contains { $0 == ("StateDirectoryMode", "0700") })
        #expect(unit.contains { $0 == ("Environment", "WINBACK_DATA=%S/winback") })
    }

    // MARK: containers

    /// The instructions of the Dockerfile's last stage.
    private func image() throws -> [(name: String, rest: String)] {
        let lines = try DeployFolder.text("Dockerfile").replacing("\\\n", with: "").split(separator: "\n")
        let instructions = lines.filter { !$0.hasPrefix("#") && $0.first?.isLetter == true }.map { line in
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            return (name: parts[0], rest: parts.count > 1 ? parts[1] : "")
        }
        let last = try #require(instructions.lastIndex { $0.name == "FROM" })
        return Array(instructions[last...])
    }

    private func words(_ list: String) throws -> [String] {
        // Without the list form a shell would be process 1, and SIGTERM end there.
        try JSONDecoder().decode([String].self, from: Data(list.utf8))
    }

    @Test func theImageIsTheProgramItself() throws {
        let image = try image()
        let entry = try #require(image.last { $0.name == "ENTRYPOINT" })
        #expect(try words(entry.rest) == ["winback"])
        try requireCommand(try words(try #require(image.last { $0.name == "CMD" }).rest), "Dockerfile")
        let health = try #require(image.last { $0.name == "HEALTHCHECK" }).rest
        let command = try words(String(health[try #require(health.firstRange(of: "CMD ")).upperBound...]))
        #expect(command.first == "winback")
        try requireCommand(Array(command.dropFirst()), "Dockerfile")
        let data = try #require(image.last { $0.name == "VOLUME" }).rest
        #expect(command.last == data)
        #expect(image.contains { $0 == ("ENV", "WINBACK_DATA=\(data)") })
        #expect(image.contains { $0 == ("STOPSIGNAL", "SIGTERM") })
    }

    @Test func theManifestsRunAsTheUserOfTheImage() throws {
        let user = try #require(try image().last { $0.name == "USER" }).rest.split(separator: ":").map(String.init)
        for name in ["kubernetes/statefulset.yaml", "kubernetes/topics.yaml"] {
            let pod = try #require(try DeployFolder.yaml(name)["spec", "template", "spec"])
            #expect(pod["securityContext", "runAsUser"]?.text == user[0], "\(name)")
            #expect(pod["securityContext", "runAsGroup"]?.text == user[1], "\(name)")
            #expect(pod["securityContext", "runAsNonRoot"]?.text == "true", "\(name)")
            let container = try #require(pod["containers", "0"])
            #expect(container["securityContext", "readOnlyRootFilesystem"]?.text == "true", "\(name)")
            #expect(container["securityContext", "allowPrivilegeEscalation"]?.text == "false", "\(name)")
            try requireCommand(try #require(container["args"]).texts, name)
        }
    }

    @Test func theProbesAskForTheDataDirectoryOfThePod() throws {
        let set = try DeployFolder.yaml("kubernetes/statefulset.yaml")
        #expect(set["spec", "replicas"]?.text == "1")
        let container = try #require(set["spec", "template", "spec", "containers", "0"])
        let data = try #require(container["env"]?.items.first { $0["name"]?.text == "WINBACK_DATA" }?["value"]?.text)
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            let command = try #require(container[probe, "exec", "command"], "\(probe)").texts
            #expect(command.first == "winback" && command.last == data, "\(probe): \(command)")
            try requireCommand(Array(command.dropFirst()), probe)
        }
        let mounts = try #require(container["volumeMounts"]).items.compactMap { $0["mountPath"]?.text }
        #expect(mounts.contains { data.hasPrefix($0 + "/") })
    }

    @Test func theProgramAcceptsTheConfigMap() throws {
        let map = try DeployFolder.yaml("kubernetes/configmap.yaml")
        let folder = try TemporaryFolder()
        let secret = try folder.write("change-me\n", to: "kafka-password")
        let text = try #require(map["data", "winback.yaml"]?.text)
        let mounted = "/etc/winback-secrets/kafka-password"
        #expect(text.contains(mounted))
        let file = try folder.write(text.replacing(mounted, with: secret), to: "winback.yaml")
        let ending = try winback.run(["check", "--config", file])
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(try DeployFolder.yaml("kubernetes/secret.yaml")["stringData"]?.keys == ["kafka-password"])
    }

    @Test func theKustomizationNamesEveryManifest() throws {
        let listed = try #require(try DeployFolder.yaml("kubernetes/kustomization.yaml")["resources"]).texts
        let there = try DeployFolder.names(in: "kubernetes", suffix: ".yaml").map { String($0.dropFirst(11)) }
        #expect(Set(listed) == Set(there).subtracting(["kustomization.yaml"]))
    }

    @Test func theComposeFileStartsTheEngineAfterBrokerAndTopics() throws {
        let services = try #require(try DeployFolder.yaml("compose.yaml")["services"])
        for name in ["topics", "winback"] {
            let service = try #require(services[name])
            try requireCommand(try #require(service["command"]).texts, "compose.yaml")
            #expect(service["read_only"]?.text == "true")
            #expect(service["depends_on", "kafka", "condition"]?.text == "service_healthy")
            #expect(service["environment"]?.keys == ["WINBACK_KAFKA_BOOTSTRAP_SERVERS"])
        }
        #expect(services["winback", "depends_on", "topics", "condition"]?.text == "service_completed_successfully")
    }
}
