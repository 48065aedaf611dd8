/// A theme that can be chosen.
package struct ThemeEntry: Hashable, Sendable {
  /// What one types to choose it: the file's name without its ending.
  package var name: String
  /// Its file; nil for a built-in one.
  package var path: String?

  /// A theme of this name, in this file.
  package init(name: String, path: String?) {
    self.name = name
    self.path = path
  }
}
