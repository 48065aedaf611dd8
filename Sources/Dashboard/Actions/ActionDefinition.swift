package import TerminalUI

/// All that belongs to an action: one row of the table that feeds keys, `:` commands, mouse, help, hints and tests.
package struct ActionDefinition: Sendable {
  /// The action.
  package let action: Action
  /// What the `:` command takes, as shown in the help: `[LANE]`; nil where it takes nothing.
  package let argument: String?
  /// One or two words for the hints at the foot of the screen.
  package let title: String
  /// One line for the help.
  package let help: String
  /// The keys it has unless rebound, the one shown first.
  package let keys: [Key]
  /// Where it has a meaning.
  package let context: ActionContext
  /// Its heading in the help.
  package let group: ActionGroup

  /// The `:` command's name.
  package var name: String { action.rawValue }
  /// The `:` command as one types it: `:epoch N`.
  package var usage: String { ":" + name + (argument.map { " " + $0 } ?? "") }

  init(
    _ action: Action, _ argument: String? = nil, title: String, keys: [Key], in context: ActionContext,
    under group: ActionGroup, help: String
  ) {
    self.action = action
    self.argument = argument
    self.title = title
    self.help = help
    self.keys = keys
    self.context = context
    self.group = group
  }
}
