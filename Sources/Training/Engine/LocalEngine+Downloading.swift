import Datasets
import EngineProtocol
import Foundation
import Synchronization

// Downloads of data sets for clients, before or during training.

extension LocalEngine {
  /// Downloads a data set on its own thread.
  func download(_ request: DownloadRequest, _ id: CommandID) {
    guard let dataset = DownloadableDataset(rawValue: request.dataset) else {
      let names = DownloadableDataset.allCases.map(\.rawValue).joined(separator: ", ")
      return record.append(.refused(id, "download: expected one of \(names), found “\(request.dataset)”"))
    }
    if let other = downloads.begin(request.dataset) {
      return record.append(.refused(id, "\(other) is being downloaded; only one download runs at a time"))
    }
    let thread = Thread { [record, downloads, resolver] in
      var result = DownloadResult(dataset: request.dataset)
      do {
        let download = try DatasetDownload(
          dataset, dataDirectory: request.dataDirectory, environment: resolver.environment, source: request.from,
          sha256: request.sha256)
        switch try download.run(downloads.observer(total: download.missingBytes)) {
        case .foundAlready(let folder), .complete(let folder): result.folder = folder
        case .incomplete(let folder, let missing):
          result.failure = "\(folder): \(missing.joined(separator: ", ")) still missing"
        }
      } catch {
        result.failure = "\(error)"
        result.wasCancelled = (error as? DatasetError)?.code == .interrupted
      }
      downloads.end { record.append(.downloadEnded(id, result)) }
    }
    thread.name = "download"
    thread.start()
  }

  /// Cancels the download.
  func cancelDownload(_ id: CommandID) {
    if !downloads.cancel() { record.append(.refused(id, "no data set is being downloaded")) }
  }
}

/// The progress of an engine's download, and whether it was cancelled.
final class EngineDownload: Sendable {
  private struct State {
    var standing: Snapshot.Download?
    var received: [String: Int] = [:]
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let running = DispatchGroup()

  /// The progress; nil if there is no download.
  var standing: Snapshot.Download? { state.withLock(\.standing) }

  /// Starts a download.
  /// - Returns: the data set of a download that is already running; nil if there was none.
  func begin(_ dataset: String) -> String? {
    state.withLock { state in
      if let standing = state.standing { return standing.dataset }
      state = State(standing: Snapshot.Download(dataset: dataset))
      running.enter()
      return nil
    }
  }

  /// Ends the download, and calls `tell` before another one can start.
  func end(_ tell: () -> Void) {
    state.withLock { state in
      state.standing = nil
      tell()
    }
    running.leave()
  }

  /// Cancels the download.
  /// - Returns: whether there was one.
  @discardableResult
  func cancel() -> Bool {
    state.withLock { state in
      state.isCancelled = true
      return state.standing != nil
    }
  }

  /// Waits a few seconds for it to end.
  func wait() { _ = running.wait(timeout: .now() + 5) }

  /// Returns an observer that updates the progress.
  /// - Parameter total: bytes of all files; nil if only the sizes of single files are known.
  func observer(total: Int?) -> DownloadObserver {
    DownloadObserver(
      note: { [self] note in state.withLock { $0.standing?.note = note } },
      progress: { [self] progress in
        state.withLock { state in
          state.received[progress.name] = progress.received
          state.standing?.received = state.received.values.reduce(0, +)
          // Without a total, the progress is that of the current file.
          if total == nil { state.standing?.received = progress.received }
          state.standing?.total = total ?? progress.total
          state.standing?.bytesPerSecond = progress.bytesPerSecond
        }
      },
      isInterrupted: { [self] in state.withLock(\.isCancelled) })
  }
}
