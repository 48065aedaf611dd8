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

/// A file as the mirrors have it.
package struct RemoteFile: Hashable, Sendable {
  /// Its name on the mirrors.
  package let name: String
  /// Its size in bytes; nil where only the checksum is known.
  package let size: Int?
  /// Its SHA-256 in 64 hexadecimal digits, lower case.
  package let sha256: String

  /// A file of a name, by its checksum.
  package init(name: String, size: Int?, sha256: String) {
    self.name = name
    self.size = size
    self.sha256 = sha256
  }

  /// The same file by another checksum, of any size.
  func expecting(sha256: String) -> RemoteFile {
    // Whoever gives the known sum means the known file.
    RemoteFile(name: name, size: sha256 == self.sha256 ? size : nil, sha256: sha256)
  }
}

/// What is to be got, from where, by which checksum.
package struct DownloadPlan: Sendable {
  /// A file and the addresses that have it, to be tried in order.
  package struct Item: Hashable, Sendable {
    /// The file.
    package let file: RemoteFile
    /// Where it may be had.
    package let addresses: [String]

    /// A file and the addresses that have it.
    package init(file: RemoteFile, addresses: [String]) {
      self.file = file
      self.addresses = addresses
    }
  }

  /// The files.
  package let items: [Item]

  /// All files of a data set from its mirrors, or what another source has of them.
  /// - Parameters:
  ///   - source: where to get it instead; nil for the mirrors.
  ///   - sha256: the checksums to expect instead of the known ones, one for each file of the source, in order.
  /// - Throws: `DatasetError` where the source or the checksums don't fit.
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
