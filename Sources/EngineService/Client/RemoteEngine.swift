package import EngineProtocol
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import TrainingMetrics

/// The client of an engine in another process.
///
/// It supports a single reader. Events are discarded after they were read; a cursor only counts them.
package final class RemoteEngine: EngineClient {
  // One thread for all connections, for the lifetime of the process.
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  /// The engine's welcome message.
  package let welcome: Welcome
  private let channel: any Channel
  private let mirror: EngineMirror
  private let arrivalOfSnapshot: EventLoopFuture<Void>
  private let lastCommand = Mutex(0)
  private let encoder = Mutex(EngineJSON.encoder())

  private init(
    welcome: Welcome, channel: any Channel, mirror: EngineMirror, arrivalOfSnapshot: EventLoopFuture<Void>
  ) {
    self.welcome = welcome
    self.channel = channel
    self.mirror = mirror
    self.arrivalOfSnapshot = arrivalOfSnapshot
  }

  deinit {
    mirror.expectEnd()
    channel.close(promise: nil)
  }

  /// Connects to the engine at a socket, and waits for its answer.
  /// - Parameters:
  ///   - name: the client's name, for the journal.
  ///   - history: whether to receive past events.
  ///   - takesSketches: whether the older points of a long series may be summarized.
  /// - Throws: `ServiceError`: `unreachable` if nobody listens or answers in time, `version`, `unsafeSocket`.
  package static func connect(
    path: String, name: String, points: PointsForm = .packed, history: Bool = true, takesSketches: Bool = false,
    timeout: Duration = .seconds(5)
  ) throws -> RemoteEngine {
    let loop = group.next()
    let arrival = loop.makePromise(of: Welcome.self)
    let firstSnapshot = loop.makePromise(of: Void.self)
    let mirror = EngineMirror(arrival: arrival, firstSnapshot: firstSnapshot)
    let channel: any Channel
    do {
      _ = try UnixAddress(path)
      channel = try ClientBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(RemoteLink(mirror: mirror))
          }
        }
        .connect(unixDomainSocketPath: path).wait()
    } catch {
      mirror.end()
      if let error = error as? ServiceError { throw error }
      throw ServiceError(.unreachable, "\(path): no engine listens there: \(reason(error))")
    }
    let limit = loop.scheduleTask(in: TimeAmount(timeout)) {
      arrival.fail(ServiceError(.unreachable, "\(path): the engine has not answered within \(timeout)"))
    }
    defer { limit.cancel() }
    do {
      let hello = Hello(
        client: name, points: points, wantsHistory: history, takesSketches: takesSketches,
        program: ProgramVersion.current)
      try channel.send(.hello(hello), EngineJSON.encoder())
      // This client does not lose data that it has read ahead, so the engine need not wait for its next line.
      if !history { channel.writeAndFlush(ByteBuffer(string: "\n"), promise: nil) }
      let welcome = try arrival.futureResult.wait()
      return RemoteEngine(
        welcome: welcome, channel: channel, mirror: mirror, arrivalOfSnapshot: firstSnapshot.futureResult)
    } catch {
      channel.close(promise: nil)
      throw error as? ServiceError ?? ServiceError(.unreachable, "\(path): \(reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
  }

  /// The engine's process ID.
  package var process: Int32 { welcome.process }
  /// The run's name; empty before a run is started, and if it is not recorded.
  package var runID: String { mirror.run?.id ?? welcome.run }
  /// The run's directory; nil before a run is started, and if it is not recorded.
  package var directory: String? { mirror.run?.directory ?? welcome.directory }
  /// A note if the engine has another version with the same protocol; nil if it has this version.
  package var versionNote: String? { VersionAdvice.note(welcome) }
  /// Adds the version note, if any, to the events.
  package func tellVersion() {
    guard let note = versionNote else { return }
    mirror.append(.health(HealthReport(.warning, note, time: Date().timeIntervalSince1970)))
  }
  /// Whether the connection is open.
  package var isConnected: Bool { mirror.isConnected }
  /// The engine's goodbye message after a normal end; nil before.
  package var goodbye: String? { mirror.goodbye }

  package func nextCommandID() -> CommandID {
    lastCommand.withLock { number in
      number += 1
      return CommandID(number, client: welcome.client)
    }
  }

  package func send(_ command: EngineCommand, as id: CommandID) {
    do {
      guard mirror.isConnected else { throw ServiceError(.unreachable, "the engine has ended") }
      try encoder.withLock { try channel.send(.command(id.rawValue, command), $0) }
    } catch {
      mirror.append(.refused(id, "\(error)"))
    }
  }

  package func snapshot() -> Snapshot { mirror.snapshot }

  package var silence: Double {
    guard welcome.answersPing == true, mirror.isConnected else { return 0 }
    return mirror.silence { try? encoder.withLock { try channel.send(.ping(1), $0) } }
  }

  package func events(after cursor: EventCursor) -> EventBatch {
    var batch = EventBatch(events: mirror.takeEvents(), cursor: cursor)
    if cursor.leavesPointsOut {
      batch.events.removeAll { event in
        switch event {
        case .points, .sketch: true
        default: false
        }
      }
    }
    for event in batch.events {
      if case .points(let lane, let branch, let key, let points) = event {
        batch.cursor.pointCounts[SeriesKey(lane: lane, branch: branch, key), default: 0] += points.count
      } else if case .sketch(let lane, let branch, let key, let series) = event {
        batch.cursor.pointCounts[SeriesKey(lane: lane, branch: branch, key)] = series.pointCount
      } else {
        batch.cursor.eventCount += 1
      }
    }
    return batch
  }

  /// Waits until the whole history and the first snapshot have arrived.
  /// - Throws: `ServiceError.unreachable` on timeout, or if the engine ends.
  package func waitForHistory(timeout: Duration = .seconds(10)) throws {
    let promise = channel.eventLoop.makePromise(of: Void.self)
    arrivalOfSnapshot.cascade(to: promise)
    let limit = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
      promise.fail(ServiceError(.unreachable, "the engine has not sent its state within \(timeout)"))
    }
    defer { limit.cancel() }
    try promise.futureResult.wait()
  }

  /// Closes the connection; the engine continues.
  package func close() {
    mirror.expectEnd()
    channel.close(promise: nil)
  }
}

extension Channel {
  fileprivate func send(_ line: ClientLine, _ encoder: JSONEncoder) throws {
    var buffer = ByteBuffer()
    try buffer.writeLine(line, with: encoder)
    writeAndFlush(buffer, promise: nil)
  }
}
