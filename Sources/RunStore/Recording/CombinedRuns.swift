package import EngineProtocol
import Foundation

/// Several recorded runs as one, their lanes side by side under the names `<run>:<lane>`.
package final class CombinedRuns: EngineClient {
  private let run: RecordedRun

  /// The runs of directories.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  package convenience init(directories: [String]) throws {
    self.init(
      try directories.map { try RunArchive.outline(of: $0) },
      bytes: directories.reduce(0) { $0 + FolderSize.bytes(of: $1) })
  }

  /// The runs of histories.
  /// - Parameter bytes: what their directories take on the disk together.
  package init(_ histories: [RunHistory], bytes: Int = 0) {
    let names = histories.map(\.description.id).joined(separator: ", ")
    run = RecordedRun(
      RunHistory(combining: histories), bytes: bytes,
      refusal: "these are recordings of \(names); `signflip resume RUN` goes on with one of them")
  }

  package func nextCommandID() -> CommandID { run.nextCommandID() }

  package func send(_ command: EngineCommand, as id: CommandID) { run.send(command, as: id) }

  package func snapshot() -> Snapshot { run.snapshot() }

  package func events(after cursor: EventCursor) -> EventBatch { run.events(after: cursor) }
}
