/// What lies over a screen and takes the keys first.
package enum Overlay: Sendable {
  /// All keys and commands, searchable.
  case help(HelpState)
  /// The themes, with live preview.
  case themes(ThemePickerState)
  /// A question that is answered with a key.
  case confirmation(Confirmation)
  /// The checkpoints, to rewind to or to fork off.
  case checkpoints(CheckpointListState)
  /// A line being typed at the foot of the screen.
  case entry(LineEntry)
}
