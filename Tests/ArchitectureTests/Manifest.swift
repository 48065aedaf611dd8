import Foundation

/// The package, read from `Package.swift` and the sources.
struct Manifest {
  /// A target of `Package.swift`.
  struct Target: Hashable {
    /// `target`, `executableTarget`, `testTarget` or `systemLibrary`.
    let kind: String
    let name: String
    /// Its dependencies: targets of this package, and products of others.
    let dependencies: Set<String>

    /// The folder of its sources.
    var folder: URL { Manifest.root.appending(path: kind == "testTarget" ? "Tests" : "Sources").appending(path: name) }
  }

  /// The directory of `Package.swift`.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// All targets, in the order of the file.
  let targets: [Target]

  /// Reads `Package.swift`.
  init() throws {
    let text = try String(contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8)
    targets = Self.targets(in: text)
  }

  /// The targets that a package description declares; the text of each extends from its `.target(name: "…"` to the next.
  static func targets(in text: String) -> [Target] {
    let lines = text.split(separator: "\n").filter { !$0.trimmingPrefix(while: \.isWhitespace).hasPrefix("//") }
    let code = lines.joined(separator: "\n")
    let heads = code.matches(of: /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name:\s*"(\w+)"/)
    return heads.indices.map { index in
      let end = index + 1 < heads.count ? heads[index + 1].range.lowerBound : code.endIndex
      let body = code[heads[index].range.upperBound..<end]
      return Target(
        kind: String(heads[index].1), name: String(heads[index].2), dependencies: dependencies(in: body))
    }
  }

  private static func dependencies(in body: Substring) -> Set<String> {
    guard let list = body.firstMatch(of: /dependencies:\s*\[([^\]]*)\]/) else { return [] }
    // In `.product(name: "NIOCore", package: "swift-nio")`, only the name is a module.
    let names = list.1.replacing(/package:\s*"[^"]*"/, with: "")
    return Set(names.matches(of: /"([^"]+)"/).map { String($0.1) })
  }

  /// The Swift files below a folder.
  static func swiftFiles(in folder: URL) throws -> [(name: String, text: String)] {
    let enumerator = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    var files: [(String, String)] = []
    while let file = enumerator?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      files.append((file.lastPathComponent, try String(contentsOf: file, encoding: .utf8)))
    }
    return files
  }

  /// The modules that the text of a Swift file imports.
  static func imports(in text: String) -> Set<String> {
    let statement =
      #/
      (?:(?:@\w+|public|package|internal|private|fileprivate)\s+)*
      import\s+(?:(?:struct|class|enum|func)\s+)?(\w+)
      /#
    return Set(text.split(separator: "\n").compactMap { $0.prefixMatch(of: statement).map { String($0.1) } })
  }
}
