private import Foundation

/// Another place to get a data set from than the known mirrors: `--from`.
package struct DownloadSource: Hashable, Sendable {
  /// The place as it was given.
  package let text: String
  /// As an address of http, https or file.
  private let address: String
  /// Whether it is known to be a folder, or to be none; nil where only its name tells.
  private let isFolder: Bool?

  /// An address, or the path of a file or folder that is there.
  /// - Parameter home: what `~` stands for.
  /// - Throws: `DatasetError` where it is neither.
  package init(_ text: String, home: String?) throws {
    self.text = text
    if let colon = text.firstRange(of: "://") {
      let scheme = text[..<colon.lowerBound].lowercased()
      guard ["http", "https", "file"].contains(scheme) else {
        throw DatasetError(.notDownloaded, path: text, expected: "an address of http, https or file", found: scheme)
      }
      (address, isFolder) = (text, nil)
      if scheme == "file" { try Self.check(URL(string: text)?.path ?? "") }
      return
    }
    var path = text
    if let home, path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst() }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw DatasetError(.notFound, path: text, expected: "an address, a file or a folder", found: "no such file")
    }
    try Self.check(path)
    isFolder = isDirectory.boolValue
    address = URL(filePath: path, directoryHint: isDirectory.boolValue ? .isDirectory : .notDirectory).absoluteString
  }

  /// A FIFO or a device would be waited for, and not for Ctrl-C.
  private static func check(_ path: String) throws {
    let kind = FileKind(of: SystemPath(path))
    guard case .special(let words) = kind else { return }
    throw DatasetError(.unreadable, path: path, expected: "a file or a folder", found: words)
  }

  /// The files that can be had here, with the address of each.
  ///
  /// A place that bears the name of one of the files is that file. Else it is a folder with all of them; but where the
  /// data set is a single archive, only what ends in `/` is a folder.
  /// - Throws: `DatasetError` where it is a file that the data set does not have.
  package func addresses(of files: [RemoteFile]) throws -> [(file: RemoteFile, address: String)] {
    let path = address.prefix { $0 != "?" && $0 != "#" }
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    if isFolder != true {
      if let file = files.first(where: { $0.name == name }) { return [(file, address)] }
      if files.count == 1, !name.isEmpty { return [(files[0], address)] }
      if isFolder == false {
        throw DatasetError(
          .mismatch, path: text, expected: "a folder, or one of \(files.map(\.name).joined(separator: ", "))",
          found: "a file of another name")
      }
    }
    let folder = address.hasSuffix("/") ? address : address + "/"
    if folder.hasPrefix("file:") {
      for file in files { try Self.check(URL(string: folder + file.name)?.path ?? "") }
    }
    return files.map { ($0, folder + $0.name) }
  }
}
