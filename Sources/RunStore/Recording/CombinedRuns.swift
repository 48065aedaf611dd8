package import EngineProtocol
import Foundation
package import TrainingMetrics

/// Several recorded runs as one, their lanes side by side under the names `<run>:<lane>`.
package final class CombinedRuns: EngineClient {
  private let run: RecordedRun

  /// The runs of directories.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  package convenience init(directories: [String]) throws {
    let histories = try directories.map { try RunArchive.outline(of: $0) }
    let labels = RunLabels.labels(for: histories.map(\.description))
    self.init(histories, bytes: directories.reduce(0) { $0 + FolderSize.bytes(of: $1) }) { request in
      for (label, directory) in zip(labels, directories) where request.lane.hasPrefix(label + ":") {
        var own = request
        own.lane.removeFirst(label.count + 1)
        return try RunArchive.points(own, of: directory)
      }
      return []
    }
  }

  /// The runs of histories.
  /// - Parameters:
  ///   - bytes: what their directories take on the disk together.
  ///   - points: tells the points that are summed up in the histories.
  package init(
    _ histories: [RunHistory], bytes: Int = 0,
    points: @escaping @Sendable (PointsRequest) throws -> [MetricPoint] = { _ in [] }
  ) {
    let names = histories.map(\.description.id).joined(separator: ", ")
    run = RecordedRun(
      RunHistory(combining: histories), bytes: bytes,
      refusal: "these are recordings of \(names); `signflip resume RUN` goes on with one of them",
      points: points)
  }

  package func nextCommandID() -> CommandID { run.nextCommandID() }

  package func send(_ command: EngineCommand, as id: CommandID) { run.send(command, as: id) }

  package func snapshot() -> Snapshot { run.snapshot() }

  package func events(after cursor: EventCursor) -> EventBatch { run.events(after: cursor) }
}
