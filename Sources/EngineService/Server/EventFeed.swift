import EngineProtocol
import Foundation
import NIOCore
import TrainingMetrics

/// A client's position in an engine's record. It contains nothing of the record itself, so a client that stops reading
/// costs nothing.
struct EventFeed {
  private static let pointsALine = 1 << 16
  private static let bytesAMouthful = 1 << 20

  /// Whether the client had received everything after the last write.
  private(set) var isCaughtUp = false
  private var cursor: EventCursor
  // Answers to other clients from before the connection are skipped.
  private let arrival: Int
  private let encoder: JSONEncoder
  private let isPacked: Bool

  /// A feed from the beginning, or from now on.
  init(of engine: any HostedEngine, _ hello: Hello) {
    encoder = hello.points.encoder()
    isPacked = hello.points == .packed
    let beginning: EventCursor =
      hello.points == .none ? .withoutPoints : hello.takesSketches ? .withSketches : EventCursor()
    arrival = engine.end(of: .withoutPoints).eventCount
    cursor = hello.wantsHistory ? beginning : engine.end(of: beginning)
  }

  /// Writes what is new as lines, up to about 1 MiB; the rest is left for the next call.
  mutating func write(to buffer: inout ByteBuffer, from engine: any HostedEngine) throws {
    isCaughtUp = false
    let batch = engine.events(after: cursor, mostPoints: Self.pointsALine)
    for event in batch.events {
      if case .points(let lane, let branch, let key, let points) = event {
        var rest = points[...]
        while !rest.isEmpty {
          guard buffer.readableBytes < Self.bytesAMouthful else { return }
          let line = Array(rest.prefix(Self.pointsALine))
          if !isPacked || !PointsLine.write(lane: lane, branch: branch, key, line, to: &buffer) {
            try buffer.writeLine(EngineEvent.points(lane: lane, branch: branch, key, line), with: encoder)
          }
          cursor.pointCounts[SeriesKey(lane: lane, branch: branch, key), default: 0] += line.count
          rest = rest.dropFirst(line.count)
        }
      } else if case .sketch(let lane, let branch, let key, let series) = event {
        guard buffer.readableBytes < Self.bytesAMouthful else { return }
        try buffer.writeLine(event, with: encoder)
        cursor.pointCounts[SeriesKey(lane: lane, branch: branch, key)] = series.pointCount
      } else {
        guard buffer.readableBytes < Self.bytesAMouthful else { return }
        if !(event.isAnswerAlone && cursor.eventCount < arrival) { try buffer.writeLine(event, with: encoder) }
        cursor.eventCount += 1
      }
    }
    cursor = batch.cursor
    isCaughtUp = batch.isWhole
  }
}
