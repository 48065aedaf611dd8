/// A request to download a data set.
package struct DownloadRequest: Hashable, Sendable {
  /// The data set's name.
  package var dataset: String
  /// The directory to download into; nil for the user's data directory.
  package var dataDirectory: String?
  /// A source to use instead of the known mirrors: a URL, a file or a directory.
  package var from: String?
  /// The SHA-256 checksums to expect from that source instead of the known ones.
  package var sha256: [String]

  /// A download of a data set.
  package init(dataset: String, dataDirectory: String? = nil, from: String? = nil, sha256: [String] = []) {
    self.dataset = dataset
    self.dataDirectory = dataDirectory
    self.from = from
    self.sha256 = sha256
  }
}

/// Encoded as a JSON object; all keys but `dataset` are optional.
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
  /// The directory of the complete data set; nil if the download is incomplete.
  package var folder: String?
  /// Why the download failed; nil if it did not.
  package var failure: String?
  /// Whether the download was cancelled. Received bytes are kept, and the next download continues from there.
  package var wasCancelled: Bool

  /// The result of a download.
  package init(dataset: String, folder: String? = nil, failure: String? = nil, wasCancelled: Bool = false) {
    self.dataset = dataset
    self.folder = folder
    self.failure = failure
    self.wasCancelled = wasCancelled
  }
}
