/// What has come of a download.
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
