/// Who watches a download, and may end it.
package struct DownloadObserver {
  /// Told what is being done, in a sentence without a full stop.
  let note: (String) -> Void
  /// Told how far a file is, about ten times a second.
  let progress: (DownloadProgress) -> Void
  /// Whether to end now. What has come stays for the next time.
  let isInterrupted: () -> Bool

  /// A watcher; all is called on the calling thread.
  package init(
    note: @escaping (String) -> Void, progress: @escaping (DownloadProgress) -> Void,
    isInterrupted: @escaping () -> Bool
  ) {
    self.note = note
    self.progress = progress
    self.isInterrupted = isInterrupted
  }
}
