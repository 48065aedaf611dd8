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
