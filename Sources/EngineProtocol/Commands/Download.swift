/// A data set that is to be downloaded.
package struct DownloadRequest: Hashable, Sendable {
  /// The data set's name.
  package var dataset: String
  /// The folder of data sets that gets it; nil for the user's own.
  package var dataDirectory: String?
  /// Another source than the known mirrors: an address, a file or a folder.
  package var from: String?
  /// The checksums to expect of that source instead of the known ones.
  package var sha256: [String]

  /// A download of a data set.
  package init(dataset: String, dataDirectory: String? = nil, from: String? = nil, sha256: [String] = []) {
    self.dataset = dataset
    self.dataDirectory = dataDirectory
    self.from = from
    self.sha256 = sha256
  }
}

/// Its fields by name; all but `dataset` may be absent.
extension DownloadRequest: Codable {
  private enum CodingKeys: String, CodingKey {
    case dataset, dataDirectory, from, sha256
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      dataset: try container.decode(String.self, forKey: .dataset),
      dataDirectory: try container.decodeIfPresent(String.self, forKey: .dataDirectory),
      from: try container.decodeIfPresent(String.self, forKey: .from),
      sha256: try container.decodeIfPresent([String].self, forKey: .sha256) ?? [])
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(dataset, forKey: .dataset)
    try container.encodeIfPresent(dataDirectory, forKey: .dataDirectory)
    try container.encodeIfPresent(from, forKey: .from)
    if !sha256.isEmpty { try container.encode(sha256, forKey: .sha256) }
  }
}

/// The result of a download.
package struct DownloadResult: Hashable, Codable, Sendable {
  /// The data set.
  package var dataset: String
  /// The folder in which it is whole now; nil where it is not.
  package var folder: String?
  /// Why it is not whole; nil where it is.
  package var failure: String?
  /// Whether somebody ended it: what has come is kept, and the next download goes on from there.
  package var wasCancelled: Bool

  /// The result of a download.
  package init(dataset: String, folder: String? = nil, failure: String? = nil, wasCancelled: Bool = false) {
    self.dataset = dataset
    self.folder = folder
    self.failure = failure
    self.wasCancelled = wasCancelled
  }
}
