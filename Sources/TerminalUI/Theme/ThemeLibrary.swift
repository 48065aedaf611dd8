import Foundation

/// The themes in some folders, and the built-in ones.
package struct ThemeLibrary: Sendable {
  /// The folders, the first winning: the person's own before the shipped one. A folder that does not exist is skipped.
  package var searchPath: [String]

  /// The themes of these folders.
  package init(searchPath: [String]) { self.searchPath = searchPath }

  /// The themes that need no file.
  private static let builtIn: [Theme] = [.standard, .terminal, .monochrome]

  /// All themes by name: the built-in ones first, then the files' in alphabetical order.
  ///
  /// A file wins over a built-in theme of its name, and over a file in a later folder.
  package func themes() -> [ThemeEntry] {
    var files: [String: String] = [:]
    for folder in searchPath.reversed() {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        guard !name.hasPrefix("."), let dot = name.lastIndex(of: ".") else { continue }
        files[String(name[..<dot])] = folder + "/" + name
      }
    }
    let builtIn = ThemeLibrary.builtIn.map { ThemeEntry(name: $0.name, path: files.removeValue(forKey: $0.name)) }
    return builtIn + files.sorted { $0.key < $1.key }.map { ThemeEntry(name: $0.key, path: $0.value) }
  }

  /// Loads the theme of this name; letter case, blanks and `_` for `-` don't matter.
  /// - Throws: `ThemeError`; for an unknown name it lists the nearest ones.
  package func theme(named name: String) throws(ThemeError) -> Theme {
    let entries = themes()
    let wanted = ThemeLibrary.normalized(name)
    let match =
      entries.first { $0.name == name } ?? entries.first { ThemeLibrary.normalized($0.name) == wanted }
    guard let match else {
      let near = nearest(to: wanted, among: entries.map(\.name))
      let folders = searchPath.isEmpty ? "no folder" : searchPath.joined(separator: ", ")
      throw ThemeError(
        .unknownTheme, "no theme “\(name)” in \(folders); similar names: \(near.joined(separator: ", "))")
    }
    if let path = match.path { return try Theme.load(contentsOf: path) }
    return ThemeLibrary.builtIn.first { $0.name == match.name } ?? .standard
  }

  private static func normalized(_ name: String) -> String {
    String(name.lowercased().map { $0 == " " || $0 == "_" ? "-" : $0 })
  }

  /// Up to five names: those that contain the wanted one, then those with the fewest edits.
  private func nearest(to wanted: String, among names: [String]) -> [String] {
    let ranked = names.map { name in
      let plain = ThemeLibrary.normalized(name)
      return (name: name, distance: plain.contains(wanted) && !wanted.isEmpty ? 0 : editDistance(wanted, plain))
    }
    return ranked.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(5).map(\.name)
  }
}

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

/// How many letters must be added, left out or replaced to make `b` of `a` (Levenshtein's distance).
package func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a)
  let b = Array(b)
  var row = Array(0...b.count)
  for i in 0..<a.count {
    var diagonal = row[0]
    row[0] = i + 1
    for j in 0..<b.count {
      let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
