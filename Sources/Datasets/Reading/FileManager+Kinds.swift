internal import FoundationEssentials

extension FileManager {
  /// Whether a file, and no folder, lies there.
  func isFile(_ path: String) -> Bool {
    var isDirectory = false
    return fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
  }

  /// Whether a folder lies there.
  func isFolder(_ path: String) -> Bool {
    var isDirectory = false
    return fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
  }
}
