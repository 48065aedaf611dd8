import Foundation

/// How this process is called in a run's journal.
enum ClientName {
  /// “signflip set (process 4242)”.
  static func of(_ command: String) -> String { "signflip \(command) (process \(getpid()))" }
}
