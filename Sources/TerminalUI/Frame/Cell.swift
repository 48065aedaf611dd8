/// One place on the screen: a glyph and its style.
package struct Cell: Hashable, Sendable {
  /// The glyph, one column wide; a cell to the right of a wide glyph has `continuation`.
  package var glyph: Unicode.Scalar
  /// How it looks.
  package var style: Style

  /// A glyph in a style.
  package init(_ glyph: Unicode.Scalar = " ", style: Style = Style()) {
    self.glyph = glyph
    self.style = style
  }

  /// Stands in the second column of a glyph that is two columns wide.
  package static let continuation: Unicode.Scalar = "\u{0}"
}
