/// A piece of text in one style; a line of several colours is an array of them.
package struct StyledText: Hashable, Sendable {
  /// The text.
  package var text: String
  /// How it looks.
  package var style: Style

  /// A text in a style.
  package init(_ text: String, _ style: Style) {
    self.text = text
    self.style = style
  }
}

/// How many columns a line of styled pieces takes on the screen.
package func displayWidth(_ pieces: [StyledText]) -> Int { pieces.reduce(0) { $0 + displayWidth($1.text) } }
