/// A colour of a cell.
package enum Color: Hashable, Sendable {
  /// The terminal's own foreground or background.
  case terminalDefault
  /// One of the terminal's 16 colours.
  case ansi(UInt8)
  /// A colour as `0xRRGGBB`; the backend takes the nearest that the terminal has.
  case rgb(UInt32)
}
