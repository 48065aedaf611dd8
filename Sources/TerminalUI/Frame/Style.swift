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

/// A colour of a cell, in four bytes: a frame holds tens of thousands of them and compares them thirty times a second.
package struct Color: Hashable, Sendable {
  /// The kind in the top byte, the value below it.
  private let bits: UInt32

  /// What a colour is made of.
  package enum Kind: Hashable, Sendable {
    /// The terminal's own foreground or background.
    case terminalDefault
    /// One of the terminal's 16 colours.
    case ansi(UInt8)
    /// Red, green and blue as `0xRRGGBB`.
    case rgb(UInt32)
  }

  /// The terminal's own foreground or background.
  package static let terminalDefault = Color(bits: 0)

  /// One of the terminal's 16 colours.
  package static func ansi(_ index: UInt8) -> Color { Color(bits: 0x0100_0000 | UInt32(index & 15)) }

  /// A colour as `0xRRGGBB`; the backend takes the nearest that the terminal has.
  package static func rgb(_ value: UInt32) -> Color { Color(bits: 0x0200_0000 | value & 0xFF_FFFF) }

  /// What the colour is made of.
  package var kind: Kind {
    switch bits >> 24 {
    case 0: .terminalDefault
    case 1: .ansi(UInt8(bits & 15))
    default: .rgb(bits & 0xFF_FFFF)
    }
  }

  /// The colour as one number, distinct for distinct colours: a key for a table of colours.
  package var key: UInt32 { bits }

  private init(bits: UInt32) { self.bits = bits }
}
