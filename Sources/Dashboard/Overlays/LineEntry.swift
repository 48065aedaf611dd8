package import EngineProtocol
package import TerminalUI

/// A line being typed at the foot of the screen, and what it is for.
package struct LineEntry: Sendable {
  /// What the line is for.
  package enum Purpose: Hashable, Sendable {
    /// A `:` command.
    case command
    /// A value of a hyperparameter for the lanes in focus.
    case value(Hyperparameter)
    /// What a fork of a checkpoint changes; nothing where it is empty.
    case fork(Checkpoint)
    /// Words that the journal's lines must have.
    case filter
    /// The path of a YAML file.
    case file
    /// The value of a field of the launcher.
    case field(LauncherField)
  }

  /// What the line is for.
  package var purpose: Purpose
  /// What stands before it.
  package var prompt: String
  /// The line.
  package var text: TextField
  /// Why what stands there was not taken; empty when nothing is wrong.
  package var mistake = ""
  /// What the line may go on as, and which of these was put in last.
  package var completions: [String] = []
  package var completion: Int?
  /// The lines typed before, newest last, and which of these stands there.
  package var recalled: Int?

  /// A line for a purpose, with `text` in it to begin with.
  package init(_ purpose: Purpose, prompt: String, text: String = "") {
    self.purpose = purpose
    self.prompt = prompt
    self.text = TextField(text)
  }
}
