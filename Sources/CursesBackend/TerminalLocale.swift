import CNcurses
import Foundation

/// Sets the locale whose characters ncurses writes.
enum TerminalLocale {
  /// Takes the character set of the environment's locale, or UTF-8 where the environment names none.
  ///
  /// Only characters: numbers keep their points.
  /// - Returns: whether characters are UTF-8.
  static func establish() -> Bool {
    _ = setlocale(LC_CTYPE, "")
    if signflip_is_utf8() != 0 { return true }
    // A locale that names another character set says what the terminal shows. One that names none, or UTF-8 without
    // being installed here (as ssh hands it on), does not stand in the way.
    let environment = ProcessInfo.processInfo.environment
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
    let codeset = named.split(separator: "@").first?.split(separator: ".").dropFirst().first?.lowercased() ?? ""
    guard codeset.isEmpty || codeset.hasPrefix("utf") else { return false }
    for candidate in ["C.UTF-8", "C.utf8", "en_US.UTF-8"] {
      if setlocale(LC_CTYPE, candidate) != nil, signflip_is_utf8() != 0 { return true }
    }
    return false
  }
}
