import Foundation

/// The user's folders of signflip, by the XDG base directories.
enum UserFolders {
  /// For settings and themes: `$XDG_CONFIG_HOME/signflip`, by default `~/.config/signflip`.
  static func configuration(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
    folder("XDG_CONFIG_HOME", "/.config", environment)
  }

  /// For what is kept between sessions: `$XDG_STATE_HOME/signflip`, by default `~/.local/state/signflip`.
  static func state(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
    folder("XDG_STATE_HOME", "/.local/state", environment)
  }

  // Relative paths are invalid by the specification.
  private static func folder(_ variable: String, _ standard: String, _ environment: [String: String]) -> String {
    let base = environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (base ?? (environment["HOME"] ?? "") + standard) + "/signflip"
  }
}
