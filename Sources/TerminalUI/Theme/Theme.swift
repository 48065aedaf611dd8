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

/// What a colour is for. Screens name roles; a theme gives each a colour.
package enum ThemeRole: Hashable, Sendable, CaseIterable {
  /// The screen's background.
  case background
  /// Bars at the top and the bottom.
  case bar
  /// The selected row or field.
  case selection
  /// Frames, axes, rules.
  case border
  /// The frame of the panel in focus.
  case focus
  /// Labels and what matters less.
  case faint
  /// Text.
  case text
  /// Headings and figures to be read first.
  case strong
  /// Keys and what can be acted on.
  case accent
  /// All is well.
  case good
  /// Attention: a marker, a paused lane.
  case warning
  /// An error.
  case bad
  /// The training curve's own colour is the lane's; these are the lanes' colours in order, told apart by eye.
  case lane1, lane2, lane3, lane4, lane5, lane6
}

extension ThemeRole {
  /// The lanes' roles in order.
  package static let lanes: [ThemeRole] = [.lane1, .lane2, .lane3, .lane4, .lane5, .lane6]

  /// The role's place in `allCases`.
  var index: Int {
    switch self {
    case .background: 0
    case .bar: 1
    case .selection: 2
    case .border: 3
    case .focus: 4
    case .faint: 5
    case .text: 6
    case .strong: 7
    case .accent: 8
    case .good: 9
    case .warning: 10
    case .bad: 11
    case .lane1: 12
    case .lane2: 13
    case .lane3: 14
    case .lane4: 15
    case .lane5: 16
    case .lane6: 17
    }
  }
}

extension Theme {
  /// The theme that is used when nothing else is said: calm, on a blue-black ground.
  package static let standard = Theme(
    name: "signflip", author: "signflip", variant: .dark,
    palette: [
      0x12161C, 0x1A2029, 0x28313D, 0x3E4957, 0x8492A2, 0xC3CCD6, 0xDFE5EB, 0xF4F7FA, 0xE5717C, 0xF0A35E, 0xE6C66B,
      0x8CC98C, 0x63C7C1, 0x6FB0F2, 0xB69AF0, 0xB0836A,
    ])

  /// Only the terminal's own colours, on its own background: looks as the terminal's owner has chosen.
  ///
  /// The background may be black or white, so that only colours are used that can be read on both: no yellow, white,
  /// black or bright one. What is faint or stands out does so by an attribute.
  package static let terminal = Theme(
    name: "terminal", author: "signflip", variant: .dark, palette: [],
    colors: [
      .background: .terminalDefault, .bar: .terminalDefault, .selection: .terminalDefault, .border: .terminalDefault,
      .focus: .ansi(6), .faint: .terminalDefault, .text: .terminalDefault, .strong: .terminalDefault,
      .accent: .ansi(6), .good: .ansi(2), .warning: .terminalDefault, .bad: .ansi(1), .lane1: .ansi(5),
      .lane2: .ansi(2), .lane3: .ansi(6), .lane4: .ansi(1), .lane5: .ansi(4), .lane6: .terminalDefault,
    ],
    attributes: [.strong: .bold, .selection: .reverse, .faint: .dim, .border: .dim, .warning: .bold])

  /// No colour at all, only attributes: what `NO_COLOR` asks for.
  package static let monochrome = Theme(
    name: "monochrome", author: "signflip", variant: .dark, palette: [], colors: [.text: .terminalDefault],
    attributes: [
      .bar: .reverse, .selection: .reverse, .faint: .dim, .border: .dim, .strong: .bold, .focus: .bold,
      .accent: .bold, .warning: .bold, .bad: [.bold, .underline],
    ])
}
