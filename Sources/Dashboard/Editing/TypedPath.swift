import Foundation

/// A path that a user types.
enum TypedPath {
  /// Returns the path with `~` replaced by `$HOME`, as shells do. Foundation takes the directory of the password file.
  static func expanded(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"], !home.isEmpty
    else { return (path as NSString).expandingTildeInPath }
    return home + path.dropFirst()
  }
}
