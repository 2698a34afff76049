import Audit
import Configuration
import Engine
import Journal
import Kafka
import Terminal

extension ConfigurationError: ExitCodeProviding {
    public var exitCode: ExitCode {
        mistakes.count == 1 && mistakes[0].code == .unreadable && mistakes[0].place.line == 0 ? .noInput : .data
    }
}

extension KafkaError: ExitCodeProviding {
    public var exitCode: ExitCode {
        switch code {
        case .configuration: .data
        case .brokerUnavailable, .timedOut, .topicMissing, .unsupported, .other: .unavailable
        case .authenticationFailed, .notAuthorized: .permission
        case .topicExists: .cannotCreate
        case .offsetOutOfRange: .permission
        case .unknownGroupMember, .rebalanceInProgress, .fenced, .queueFull, .transactionFailed, .outcomeUnknown:
            .temporary
        case .messageTooLarge: .data
        case .invalidState: .internalError
        }
    }
}

extension EngineError: ExitCodeProviding {
    public var exitCode: ExitCode {
        switch code {
        case .journalBehind, .journalDiverged, .offsetsRestored, .groupReset, .offsetsForgotten, .offsetOutOfRange,
            .partitionCountChanged, .topicsChanged, .clockGap, .configurationOlder, .rebuildInterrupted,
            .tooManyCommands:
            .permission
        case .topicMissing, .topicsUnequal: .unavailable
        case .otherInstance, .assignmentIncomplete, .fenced: .temporary
        case .diskFull: .inputOutput
        }
    }
}

extension JournalError: ExitCodeProviding {
    public var exitCode: ExitCode {
        switch code {
        case .inputOutput, .failed: .inputOutput
        case .notFound: .noInput
        case .locked: .temporary
        case .damaged, .diverged, .destroyed, .frameTooLarge, .newerFormat, .notOurs, .keyLost: .permission
        case .invalidSetting: .data
        }
    }
}

extension ExportError: ExitCodeProviding {
    public var exitCode: ExitCode { .cannotCreate }
}
