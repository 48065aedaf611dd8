/// How a cell looks.
package struct Style: Hashable, Sendable {
  /// The glyph's colour.
  package var foreground: Color
  /// The colour behind the glyph.
  package var background: Color
  /// Bold, dim and so on.
  package var attributes: Attributes

  /// A style of two colours and attributes.
  package init(
    foreground: Color = .terminalDefault, background: Color = .terminalDefault, attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// Attributes that a terminal without colour has too.
  package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    // The general one takes its elements one after another, in every style of every cell.
    package init(arrayLiteral elements: Attributes...) { rawValue = elements.reduce(0) { $0 | $1.rawValue } }
    /// Brighter or heavier.
    package static let bold = Attributes(rawValue: 1)
    /// Fainter.
    package static let dim = Attributes(rawValue: 2)
    /// Foreground and background exchanged.
    package static let reverse = Attributes(rawValue: 4)
    /// A line under the glyph.
    package static let underline = Attributes(rawValue: 8)
    /// Slanted.
    package static let italic = Attributes(rawValue: 16)
  }
}
