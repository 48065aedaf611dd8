/// The appearance of a cell.
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

  /// Attributes that are also available without colours.
  package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    // The generic initializer inserts its elements one by one, in every style of every cell.
    package init(arrayLiteral elements: Attributes...) { rawValue = elements.reduce(0) { $0 | $1.rawValue } }
    /// Brighter or heavier.
    package static let bold = Attributes(rawValue: 1)
    /// Fainter.
    package static let dim = Attributes(rawValue: 2)
    /// Foreground and background swapped.
    package static let reverse = Attributes(rawValue: 4)
    /// A line under the glyph.
    package static let underline = Attributes(rawValue: 8)
    /// Slanted.
    package static let italic = Attributes(rawValue: 16)
  }
}

/// One cell of the screen: a glyph and its style.
package struct Cell: Hashable, Sendable {
  /// The glyph, one column wide; the cell to the right of a wide glyph contains `continuation`.
  package var glyph: Unicode.Scalar
  /// How it looks.
  package var style: Style

  /// A glyph in a style.
  package init(_ glyph: Unicode.Scalar = " ", style: Style = Style()) {
    self.glyph = glyph
    self.style = style
  }

  /// Occupies the second column of a wide glyph.
  package static let continuation: Unicode.Scalar = "\u{0}"
}

/// A colour of a cell, in four bytes: a frame has tens of thousands of them and compares them thirty times per second.
package struct Color: Hashable, Sendable {
  /// The kind in the top byte, the value below it.
  private let bits: UInt32

  /// The kinds of colours.
  package enum Kind: Hashable, Sendable {
    /// The terminal's default foreground or background.
    case terminalDefault
    /// One of the terminal's 16 colours.
    case ansi(UInt8)
    /// Red, green and blue as `0xRRGGBB`.
    case rgb(UInt32)
  }

  /// The terminal's default foreground or background.
  package static let terminalDefault = Color(bits: 0)

  /// One of the terminal's 16 colours.
  package static func ansi(_ index: UInt8) -> Color { Color(bits: 0x0100_0000 | UInt32(index & 15)) }

  /// A colour as `0xRRGGBB`; the backend uses the nearest supported colour.
  package static func rgb(_ value: UInt32) -> Color { Color(bits: 0x0200_0000 | value & 0xFF_FFFF) }

  /// The kind of the colour.
  package var kind: Kind {
    switch bits >> 24 {
    case 0: .terminalDefault
    case 1: .ansi(UInt8(bits & 15))
    default: .rgb(bits & 0xFF_FFFF)
    }
  }

  /// The colour as one number, unique for each colour: a key for colour tables.
  package var key: UInt32 { bits }

  private init(bits: UInt32) { self.bits = bits }
}
