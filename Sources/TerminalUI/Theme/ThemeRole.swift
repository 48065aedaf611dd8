/// What a colour is for. Screens name roles; a theme gives each a colour.
package enum ThemeRole: Hashable, Sendable, CaseIterable {
  /// The screen's background.
  case background
  /// Bars at the top and the bottom.
  case bar
  /// The selected row or field.
  case selection
  /// Frames, axes, rules.
  case border
  /// The frame of the panel in focus.
  case focus
  /// Labels and what matters less.
  case faint
  /// Text.
  case text
  /// Headings and figures to be read first.
  case strong
  /// Keys and what can be acted on.
  case accent
  /// All is well.
  case good
  /// Attention: a marker, a paused lane.
  case warning
  /// An error.
  case bad
  /// The training curve's own colour is the lane's; these are the lanes' colours in order, told apart by eye.
  case lane1, lane2, lane3, lane4, lane5, lane6
}
