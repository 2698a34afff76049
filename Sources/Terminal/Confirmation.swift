import Glibc

/// A question that only a person at a terminal can answer.
public enum Confirmation {
    /// Whether somebody can be asked.
    public static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && Screen.errors.isTerminal }

    /// Asks, and waits. Anything but yes means no.
    public static func ask(_ question: String) -> Bool {
        Screen.errors.write("\(question) [y/N] ")
        let answer = readLine()?.lowercased() ?? ""
        return answer == "y" || answer == "yes"
    }
}
