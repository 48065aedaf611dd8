/// How the terminal is used.
package struct TerminalOptions: Sendable {
  /// Whether the mouse is reported. Without it the terminal selects text as usual.
  package var usesMouse = true
  /// Whether colours are used; nil asks `NO_COLOR`.
  package var usesColor: Bool?
  /// Whether colours are sent exactly where `COLORTERM` says that the terminal shows them, though terminfo does not.
  package var usesDirectColor = true
  /// Whether what is written to standard error is kept until the screen is given back.
  package var keepsErrors = true

  /// The usual options.
  package init() {}

  /// The options that suit an environment.
  package init(environment: [String: String]) {
    // GNU screen holds a lone Escape back until the next key comes, as long as a program takes the mouse.
    usesMouse = (environment["STY"] ?? "").isEmpty
  }
}
