import Glibc
import Terminal

let program = Program(
    name: "winback",
    summary: "reminds people who left a checkout, exactly once, and never after they bought",
    commands: [
        RunCommand.self, DemoCommand.self, CheckCommand.self, TestCommand.self, PublishCommand.self,
        TopicsCreateCommand.self, TopicsCheckCommand.self, PoliciesDiffCommand.self, PoliciesApplyCommand.self,
        LeadsCommand.self, LeadsListCommand.self, LeadsCancelCommand.self, ResultsCommand.self, EraseCommand.self,
        DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersResubmitCommand.self, StatusCommand.self,
        AuditExplainCommand.self, AuditTimelineCommand.self, AuditStateCommand.self, AuditCommandsCommand.self,
        AuditVerifyCommand.self, AuditReplayCommand.self, AuditBacktestCommand.self, AuditExportCommand.self,
        AuditHeadCommand.self, JournalListCommand.self, JournalArchiveCommand.self, RecoverCommand.self,
        BackupCommand.self, VersionCommand.self,
    ])
exit(program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
