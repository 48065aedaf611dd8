private import Foundation

/// Where an export is written: a file, or a folder of several files.
package struct ExportTarget: Sendable {
  /// A name for files and symbols: letters, digits and underscores.
  package let symbol: String
  /// The file or the folder.
  package let path: String

  private let isFolder: Bool
  private let replaces: Bool

  /// Checks a target before the work begins.
  /// - Parameters:
  ///   - path: nil for the lane's name in the working directory.
  ///   - lane: the lane's name.
  ///   - replaces: whether existing files may be replaced.
  /// - Throws: `NewFileError.exists`.
  package init(_ format: ExportFormat, path: String?, lane: String, replaces: Bool) throws {
    symbol = Self.symbol(path.map { URL(filePath: $0).deletingPathExtension().lastPathComponent } ?? lane)
    isFolder = format.suffix == nil
    self.path = path ?? Self.name(format, lane: lane)
    self.replaces = replaces
    if !isFolder, !replaces { try NewFile.check(self.path) }
  }

  /// Returns the default name of a lane's export.
  package static func name(_ format: ExportFormat, lane: String) -> String {
    format.suffix.map { "\(symbol(lane)).\($0)" } ?? symbol(lane)
  }

  /// Writes the files.
  /// - Returns: their paths.
  /// - Throws: `NewFileError`.
  package func write(_ files: [ExportedFile]) throws -> [String] {
    guard isFolder else {
      try NewFile.write(files[0].bytes, to: path, replaces: replaces)
      return [path]
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw NewFileError(.unwritable, path: path, "the folder can't be created: \(error.localizedDescription)")
    }
    let paths = files.map { "\(path)/\($0.name)" }
    // Before the first is written: nobody wants half of them.
    if !replaces { for path in paths { try NewFile.check(path) } }
    for (path, file) in zip(paths, files) { try NewFile.write(file.bytes, to: path, replaces: replaces) }
    return paths
  }

  private static func symbol(_ name: String) -> String {
    var letters = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    if letters.first?.isNumber ?? true { letters.insert("n", at: 0) }
    return String(letters)
  }
}
