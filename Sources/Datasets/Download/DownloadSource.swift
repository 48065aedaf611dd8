private import Foundation

/// A source of a data set that is used instead of the known mirrors: `--from`.
package struct DownloadSource: Hashable, Sendable {
  /// The source as given.
  package let text: String
  /// Its URL (http, https or file).
  private let address: String
  /// Whether it is a directory; nil if only its name suggests it.
  private let isFolder: Bool?

  /// A URL, or the path of an existing file or directory.
  /// - Parameter home: the meaning of `~`.
  /// - Throws: `DatasetError` if it is neither.
  package init(_ text: String, home: String?) throws {
    self.text = text
    if let colon = text.firstRange(of: "://") {
      let scheme = text[..<colon.lowerBound].lowercased()
      guard ["http", "https", "file"].contains(scheme) else {
        throw DatasetError(.notDownloaded, path: text, expected: "a URL (http, https or file)", found: scheme)
      }
      (address, isFolder) = (text, nil)
      if scheme == "file" { try Self.check(URL(string: text)?.path ?? "") }
      return
    }
    var path = text
    if let home, path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst() }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw DatasetError(.notFound, path: text, expected: "a URL, a file or a folder", found: "no such file")
    }
    try Self.check(path)
    isFolder = isDirectory.boolValue
    address = URL(filePath: path, directoryHint: isDirectory.boolValue ? .isDirectory : .notDirectory).absoluteString
  }

  /// Reading a FIFO or a device would block, even for Ctrl-C.
  private static func check(_ path: String) throws {
    let kind = FileKind(of: SystemPath(path))
    guard case .special(let words) = kind else { return }
    throw DatasetError(.unreadable, path: path, expected: "a file or a folder", found: words)
  }

  /// Returns the files available here, with their URLs.
  ///
  /// A source with the name of one of the files is that file. Otherwise it is a directory with all files; but if the
  /// data set is a single archive, only a source that ends with `/` is a directory.
  /// - Throws: `DatasetError` if it is a file that the data set does not have.
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

/// A file on the mirrors.
package struct RemoteFile: Hashable, Sendable {
  /// Its name on the mirrors.
  package let name: String
  /// Its size in bytes; nil if only the checksum is known.
  package let size: Int?
  /// Its SHA-256 in 64 lower-case hexadecimal digits.
  package let sha256: String

  /// A file with a name and a checksum.
  package init(name: String, size: Int?, sha256: String) {
    self.name = name
    self.size = size
    self.sha256 = sha256
  }

  /// Returns the file with another checksum, and unknown size.
  func expecting(sha256: String) -> RemoteFile {
    // The known checksum implies the known file.
    RemoteFile(name: name, size: sha256 == self.sha256 ? size : nil, sha256: sha256)
  }
}

/// What to download, from where, with which checksums.
package struct DownloadPlan: Sendable {
  /// A file and its URLs, to be tried in order.
  package struct Item: Hashable, Sendable {
    /// The file.
    package let file: RemoteFile
    /// The URLs.
    package let addresses: [String]

    /// A file and the addresses that have it.
    package init(file: RemoteFile, addresses: [String]) {
      self.file = file
      self.addresses = addresses
    }
  }

  /// The files.
  package let items: [Item]

  /// Plans to download all files of a data set from its mirrors, or those that another source has.
  /// - Parameters:
  ///   - source: a source to use instead; nil for the mirrors.
  ///   - sha256: the checksums to expect instead of the known ones, one per file of the source, in order.
  /// - Throws: `DatasetError` if the source or the checksums don't match.
  package init(_ dataset: DownloadableDataset, from source: DownloadSource?, sha256: [String]) throws {
    let files = dataset.files
    let found =
      try source?.addresses(of: files).map { Item(file: $0.file, addresses: [$0.address]) }
      ?? files.map { file in Item(file: file, addresses: dataset.mirrors.map { "\($0)/\(file.name)" }) }
    guard !sha256.isEmpty else {
      items = found
      return
    }
    guard sha256.count == found.count else {
      let names = found.map(\.file.name).joined(separator: ", ")
      throw DatasetError(
        .mismatch, "--sha256: expected \(found.count) for \(names), in this order, found \(sha256.count)")
    }
    items = try zip(found, sha256).map { item, sum in
      let digits = sum.lowercased()
      guard digits.utf8.count == 64, digits.allSatisfy({ "0123456789abcdef".contains($0) }) else {
        throw DatasetError(.mismatch, path: "--sha256", expected: "64 hexadecimal digits", found: "“\(sum)”")
      }
      return Item(file: item.file.expecting(sha256: digits), addresses: item.addresses)
    }
  }
}
