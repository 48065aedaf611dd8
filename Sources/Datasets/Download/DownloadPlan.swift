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
