import Foundation

/// Files of a run's directory that must be files: to open a pipe or a device in the place of one may wait for ever.
package enum RegularFile {
  /// Checks that what is at `path`, if anything, is a file.
  /// - Throws: `StoreError.damaged`, telling what it is.
  static func check(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    let kinds: [mode_t: String] = [
      S_IFIFO: "a pipe (FIFO)", S_IFSOCK: "a socket", S_IFCHR: "a device", S_IFBLK: "a device", S_IFDIR: "a folder",
    ]
    guard let kind = kinds[status.st_mode & S_IFMT] else { return }
    throw StoreError(.damaged, "\(path): expected a file, found \(kind)")
  }

  /// The text of the file at `path`; nil where there is none.
  /// - Throws: `StoreError` where it is no file, or no text.
  package static func text(at path: String) throws -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    try check(path)
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw StoreError(.damaged, "\(path): expected a text in UTF-8, found something that can't be read as one")
    }
  }
}
