/// Gives each role a colour.
///
/// A theme comes from a base16 or base24 scheme (`init(yaml:path:)`), or is one of the built-in ones: `standard`,
/// `terminal` (only the terminal's own 16 colours) and `monochrome` (no colour at all).
package struct Theme: Hashable, Sendable {
  /// Whether the background is dark or light.
  package enum Variant: String, Sendable { case dark, light }

  /// The scheme's name.
  package var name: String
  /// Who made it.
  package var author: String
  /// Whether the background is dark or light.
  package var variant: Variant
  /// base00...base0F and base10...base17 as `0xRRGGBB`; empty when the colours are the terminal's.
  package private(set) var palette: [UInt32]

  /// Whether the terminal shows every colour as it is, so that two near to each other look like that.
  package var showsTones = true

  private var colors: [Color]
  private var attributes: [Style.Attributes]

  /// A theme of colours and attributes by role; a role that is not named takes the text's colour and no attribute.
  init(
    name: String, author: String, variant: Variant, palette: [UInt32], colors: [ThemeRole: Color],
    attributes: [ThemeRole: Style.Attributes] = [:]
  ) {
    self.name = name
    self.author = author
    self.variant = variant
    self.palette = palette
    let text = colors[.text] ?? .terminalDefault
    self.colors = ThemeRole.allCases.map { colors[$0] ?? text }
    self.attributes = ThemeRole.allCases.map { attributes[$0] ?? [] }
  }

  /// The colour of a role.
  package subscript(role: ThemeRole) -> Color { colors[role.index] }

  /// Text of a role on the background of another, with that theme's attributes for both and `extra` ones.
  package func style(
    _ role: ThemeRole, on background: ThemeRole = .background, _ extra: Style.Attributes = []
  ) -> Style {
    Style(
      foreground: self[role], background: self[background],
      attributes: attributes[role.index].union(attributes[background.index]).union(extra))
  }

  /// The colour of a lane, from 0; more lanes than colours begin again.
  package func laneColor(_ index: Int) -> Color {
    let count = ThemeRole.lanes.count
    return self[ThemeRole.lanes[(index % count + count) % count]]
  }

  /// A style that draws in `color` on the background of a role.
  package func style(color: Color, on background: ThemeRole = .background, _ extra: Style.Attributes = []) -> Style {
    Style(
      foreground: color, background: self[background], attributes: attributes[background.index].union(extra))
  }

  /// `color` with `amount` (0...1) of the background mixed in; colours of the terminal stay as they are.
  package func dimmed(_ color: Color, by amount: Double = 0.62, on background: ThemeRole = .background) -> Color {
    guard case .rgb(let value) = color.kind, case .rgb(let ground) = self[background].kind else { return color }
    return .rgb(RGB(value).mixed(with: RGB(ground), share: amount).value)
  }

  /// The style of a faint band in `color`: mixed with the background, or with the dim attribute where colours are
  /// the terminal's.
  package func bandStyle(_ color: Color, on background: ThemeRole = .background) -> Style {
    let faint = dimmed(color, on: background)
    return style(color: faint, on: background, faint == color ? .dim : [])
  }
}
