/// What a reader passes over, counted by its name or kind, to be told in a sentence.
struct IgnoredFiles {
  /// Folders and files that systems leave everywhere, in lower case.
  private static let systemNames: Set<String> = [
    "__macosx", "@eadir", "lost+found", "#recycle", "$recycle.bin", "system volume information", "thumbs.db",
    "desktop.ini", "icon\\r", "__pycache__",
  ]

  private var counts: [String: Int] = [:]
  private var order: [String] = []
  private var example: [String: SystemPath] = [:]

  /// Whether a name is that of a hidden file or folder, or one that a system leaves.
  static func isSystemName(_ name: SystemPath) -> Bool {
    name.isHidden || systemNames.contains(name.description.lowercased())
  }

  /// Counts what lies at a path.
  mutating func add(_ kind: String, _ path: SystemPath, count: Int = 1) {
    if counts[kind] == nil {
      order.append(kind)
      example[kind] = path
    }
    counts[kind, default: 0] += count
  }

  /// A sentence for each kind: “ignored files .bmp: 3, such as train/cat/1.bmp”.
  var notes: [String] {
    order.map { kind in
      "ignored \(kind): \(counts[kind] ?? 0)" + (example[kind].map { ", such as \($0)" } ?? "")
    }
  }
}
