import CNcurses
import TerminalUI

/// Maps colours to the terminal's colour numbers, and pairs of them to ncurses colour pairs.
struct ColorTable {
  /// The colours that the terminal supports.
  enum Depth: Hashable {
    /// None.
    case none
    /// 8 or 16 palette colours.
    case ansi(Int)
    /// xterm's 256.
    case indexed
    /// Any colour, as `0xRRGGBB`; the numbers below 16 are still palette colours.
    case direct
  }

  /// A style in terms of ncurses.
  struct Drawn: Hashable {
    var attributes: attr_t
    var pair: Int32
  }

  let depth: Depth
  private let pairLimit: Int
  private var numbers: [UInt32: Int32] = [:]
  private var pairs: [UInt64: Int32] = [:]
  private var lastStyle: Style?
  private var lastDrawn = Drawn(attributes: 0, pair: 0)

  /// An empty table. Requires that ncurses was started with `start_color`, unless there are no colours.
  init(depth: Depth, pairLimit: Int) {
    self.depth = depth
    self.pairLimit = pairLimit
  }

  /// The attributes and the pair that show a style.
  mutating func drawn(_ style: Style) -> Drawn {
    if style == lastStyle { return lastDrawn }
    var attributes: attr_t = 0
    let wanted: [(Style.Attributes, attr_t)] = [
      (.bold, signflip_bold), (.dim, signflip_dim), (.reverse, signflip_reverse),
      (.underline, signflip_underline), (.italic, signflip_italic),
    ]
    for (attribute, bit) in wanted where style.attributes.contains(attribute) { attributes |= bit }
    var result = Drawn(attributes: attributes, pair: 0)
    if depth != .none {
      var foreground = number(style.foreground)
      let background = number(style.background)
      // Many terminals show bold text in a bright colour: unreadable on a white background.
      if case .ansi(let index) = style.foreground.kind, index < 8, !style.attributes.contains(.reverse) {
        result.attributes &= ~signflip_bold
      }
      // With eight colours, bright ones are drawn as bold. Bold black is black on many terminals, so grey is drawn as
      // dim
      // text instead.
      if case .ansi(let index) = style.foreground.kind, case .ansi(let count) = depth, Int(index) >= count {
        result.attributes |= index == 8 ? signflip_dim : signflip_bold
      }
      // Two colours that map to the same number must remain distinguishable.
      if foreground == background, foreground >= 0, style.foreground != style.background {
        foreground = contrasting(background)
      }
      result.pair = pair(foreground, background)
    }
    lastStyle = style
    lastDrawn = result
    return result
  }

  /// The terminal's number of a colour, or -1 for the default.
  private mutating func number(_ color: Color) -> Int32 {
    if let known = numbers[color.key] { return known }
    let result: Int32
    switch (color.kind, depth) {
    case (.terminalDefault, _), (_, .none): result = -1
    case (.ansi(8), .ansi(8)): result = -1
    case (.ansi(let index), .ansi(let count)): result = Int32(Int(index) % max(1, count))
    case (.ansi(let index), _): result = Int32(index)
    case (.rgb(let value), .ansi(let count)): result = Int32(XtermPalette.nearestANSI(to: value, count: count))
    case (.rgb(let value), .indexed): result = Int32(XtermPalette.nearest256(to: value))
    // The first numbers are palette colours; use a barely different blue instead of these near-black values.
    case (.rgb(let value), .direct): result = Int32(max(16, value))
    }
    numbers[color.key] = result
    return result
  }

  private func contrasting(_ number: Int32) -> Int32 {
    let lightness: Double
    switch depth {
    case .direct: return number
    case .indexed where number >= 16: lightness = XtermPalette.lightness(of: XtermPalette.extended[Int(number) - 16])
    default: lightness = XtermPalette.lightness(of: XtermPalette.ansi[Int(number) & 15])
    }
    return lightness < 0.5 ? 7 : 0
  }

  private mutating func pair(_ foreground: Int32, _ background: Int32) -> Int32 {
    if foreground < 0 && background < 0 { return 0 }
    let key = UInt64(UInt32(bitPattern: foreground)) << 32 | UInt64(UInt32(bitPattern: background))
    if let known = pairs[key] { return known }
    let next = Int32(pairs.count + 1)
    guard next < pairLimit, init_extended_pair(next, foreground, background) == OK else { return 0 }
    pairs[key] = next
    return next
  }
}
