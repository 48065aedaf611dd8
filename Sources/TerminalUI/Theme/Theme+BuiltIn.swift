extension Theme {
  /// The theme that is used when nothing else is said: calm, on a blue-black ground.
  package static let standard = Theme(
    name: "signflip", author: "signflip", variant: .dark,
    palette: [
      0x12161C, 0x1A2029, 0x28313D, 0x3E4957, 0x8492A2, 0xC3CCD6, 0xDFE5EB, 0xF4F7FA, 0xE5717C, 0xF0A35E, 0xE6C66B,
      0x8CC98C, 0x63C7C1, 0x6FB0F2, 0xB69AF0, 0xB0836A,
    ])

  /// Only the terminal's own 16 colours, on its own background: looks as the terminal's owner has chosen.
  package static let terminal = Theme(
    name: "terminal", author: "signflip", variant: .dark, palette: [],
    colors: [
      .background: .terminalDefault, .bar: .terminalDefault, .selection: .terminalDefault, .border: .ansi(8),
      .focus: .ansi(12), .faint: .ansi(8), .text: .terminalDefault, .strong: .terminalDefault, .accent: .ansi(6),
      .good: .ansi(2), .warning: .ansi(3), .bad: .ansi(1), .lane1: .ansi(12), .lane2: .ansi(11), .lane3: .ansi(13),
      .lane4: .ansi(10), .lane5: .ansi(14), .lane6: .ansi(9),
    ],
    attributes: [.strong: .bold, .selection: .reverse])

  /// No colour at all, only attributes: what `NO_COLOR` asks for.
  package static let monochrome = Theme(
    name: "monochrome", author: "signflip", variant: .dark, palette: [], colors: [.text: .terminalDefault],
    attributes: [
      .bar: .reverse, .selection: .reverse, .faint: .dim, .border: .dim, .strong: .bold, .focus: .bold,
      .accent: .bold, .warning: .bold, .bad: [.bold, .underline],
    ])
}
