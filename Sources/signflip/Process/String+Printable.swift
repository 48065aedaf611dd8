extension String {
  /// The text without control characters, but with its line ends: what comes from a file must not steer the terminal.
  var printable: String {
    let kept = unicodeScalars.filter { $0 == "\n" || $0.properties.generalCategory != .control }
    return String(String.UnicodeScalarView(kept))
  }
}
