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
