import EngineProtocol
import EngineService
import Foundation

/// Serves a record in a temporary folder; both end with this object.
final class TestServer: Sendable {
  let folder: SocketFolder
  let path: String
  let engine = RecordedEngine()
  let server: EngineServer

  init(owner: uid_t = getuid()) throws {
    folder = try Self.newFolder()
    server = EngineServer(engine: engine, program: "test", owner: owner)
    let socket = try ListeningSocket(in: folder)
    path = socket.path
    try server.start(on: socket.descriptor)
  }

  deinit {
    server.stop()
    try? FileManager.default.removeItem(atPath: folder.path)
  }

  static func newFolder() throws -> SocketFolder {
    let folder = SocketFolder(path: "/tmp/signflip-test-\(UInt64.random(in: 0 ... .max))")
    try folder.prepare()
    return folder
  }

  func connect(
    _ name: String = "client", points: PointsForm = .packed, history: Bool = true
  ) throws -> RemoteEngine {
    try RemoteEngine.connect(path: path, name: name, points: points, history: history)
  }
}

/// Reads until `isEnough`, or for ten seconds.
func events(
  of engine: RemoteEngine, from cursor: inout EventCursor, until isEnough: ([EngineEvent], EventCursor) -> Bool
) -> [EngineEvent] {
  var events: [EngineEvent] = []
  let deadline = ContinuousClock.now + .seconds(10)
  repeat {
    let batch = engine.events(after: cursor)
    events += batch.events
    cursor = batch.cursor
    if isEnough(events, cursor) { break }
    usleep(2000)
  } while ContinuousClock.now < deadline
  return events
}

/// Waits for a condition, at most ten seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < deadline {
    if try condition() { return true }
    usleep(2000)
  }
  return false
}
