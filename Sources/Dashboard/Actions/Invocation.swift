/// An action with what the `:` command or the mouse says besides.
package struct Invocation: Hashable, Sendable {
  /// The action.
  package var action: Action
  /// The rest of the command line, or the name of what was clicked; nil for a bare key.
  package var argument: String?

  /// An action, perhaps with an argument.
  package init(_ action: Action, _ argument: String? = nil) {
    self.action = action
    self.argument = argument
  }
}
