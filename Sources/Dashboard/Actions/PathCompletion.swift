import Foundation

/// Completes the paths of files.
enum PathCompletion {
  /// The maximum number of completions.
  static let limit = 200

  /// Returns the paths that begin with `text`, in order; folders end in “/”.
  /// - Parameter suffixes: the endings of files that are meant; folders are always returned. Empty for all files.
  static func completions(of text: String, suffixes: [String] = []) -> [String] {
    let split = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
    let (start, prefix) = (String(text[..<split]), text[split...])
    let folder = start.isEmpty ? "." : LineEntry.expanded(start)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    // Hidden files only if they are asked for.
    let matching = names.filter { $0.hasPrefix(prefix) && (prefix.hasPrefix(".") || !$0.hasPrefix(".")) }.sorted()
    var found: [String] = []
    for name in matching where found.count < limit {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder) else { continue }
      if isFolder.boolValue {
        found.append(start + name + "/")
      } else if suffixes.isEmpty || suffixes.contains(where: { name.lowercased().hasSuffix($0) }) {
        found.append(start + name)
      }
    }
    return found
  }
}
