package import TerminalUI

/// The theme picker as it is open.
package struct ThemePickerState: Sendable {
  /// The themes' names.
  package let names: [String]
  /// The place of the one shown.
  package private(set) var selected: Int
  /// The theme to go back to.
  package let original: Theme
  /// What was wrong with the selected theme; empty when it is shown.
  package var mistake = ""

  /// A picker that begins at the theme now shown, as named in the list.
  package init(names: [String], current: String, original: Theme) {
    self.names = names
    selected = names.firstIndex(of: current) ?? 0
    self.original = original
  }

  /// The selected theme's name; nil when there is none at all.
  package var name: String? { names.indices.contains(selected) ? names[selected] : nil }

  /// Selects the theme `distance` rows on, as far as the list goes.
  package mutating func move(by distance: Int) {
    selected = min(max(0, selected + distance), max(0, names.count - 1))
  }
}
