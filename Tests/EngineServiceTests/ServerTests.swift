import EngineProtocol
import EngineService
import Foundation
import NIOCore
import Testing
import TrainingMetrics

/// Clients on an engine's socket: messages and commands.
@Suite struct ServerTests {
  private let key = SeriesKey(lane: "a", branch: 1, MetricKey(.trainLoss))

  @Test func aCommandIsPerformedInTheClientsNameAndAnswered() throws {
    let served = try TestServer()
    let first = try served.connect("one")
    let second = try served.connect("two")
    #expect(first.process == getpid() && first.welcome.program == "test")
    #expect(first.welcome.client != second.welcome.client)
    let id = first.send(.set(.learningRate, .number(0.5), .lane("a")))
    let other = second.send(.pause(.all))
    #expect(id == CommandID(1, client: first.welcome.client))
    // The commands of each client are visible to all.
    for engine in [first, second] {
      var cursor = EventCursor()
      let answers = events(of: engine, from: &cursor) { events, _ in events.count >= 2 }
      #expect(Set(answers) == [.refused(id, "only a record"), .refused(other, "only a record")])
    }
    let asked = Set(served.engine.asked)
    #expect(
      asked == [
        .init(command: .set(.learningRate, .number(0.5), .lane("a")), id: id, origin: "one"),
        .init(command: .pause(.all), id: other, origin: "two"),
      ])
  }

  @Test func anAnswerBearsTheIDThatTheClientHasChosen() throws {
    let served = try TestServer()
    let client = try served.connect("one")
    let id = CommandID(4711, client: client.welcome.client)
    client.send(.pause(.all), as: id)
    var cursor = EventCursor()
    let answers = events(of: client, from: &cursor) { events, _ in !events.isEmpty }
    #expect(answers == [.refused(id, "only a record")])
    #expect(served.engine.asked.map(\.id) == [id])
  }

  @Test func anEngineThatIsThereIsNotSilent() throws {
    let served = try TestServer()
    let client = try served.connect("one")
    try client.waitForHistory()
    // Longer than the interval at which the engine is polled.
    let deadline = ContinuousClock.now + .milliseconds(1600)
    var longest = 0.0
    while ContinuousClock.now < deadline {
      longest = max(longest, client.silence)
      usleep(5000)
    }
    #expect(longest < 1.5)
    client.close()
    #expect(eventually { client.silence == 0 })
  }

  @Test(arguments: [PointsForm.packed, .numbers])
  func aClientGetsTheWholeHistoryAtOnceAndThenWhatIsNew(form: PointsForm) throws {
    let served = try TestServer()
    let count = form == .packed ? 1_000_000 : 200_000
    let points = (0..<count).map { MetricPoint(step: $0, value: Float($0 % 977) / 3) }
    served.engine.append(.started(RecordedEngine.run("r1", directory: "/runs/r1")))
    served.engine.append(points, to: key)
    served.engine.append(.finished)
    let client = try served.connect(points: form)
    #expect(client.runID == "r1" && client.directory == "/runs/r1")
    try client.waitForHistory()
    var cursor = EventCursor()
    var history = client.events(after: cursor)
    cursor = history.cursor
    #expect(cursor.pointCounts == [key: count] && cursor.eventCount == 2)
    #expect(history.events.first == .started(RecordedEngine.run("r1", directory: "/runs/r1")))
    #expect(history.events.last == .finished)
    #expect(self.points(of: history.events) == points)

    served.engine.append([MetricPoint(step: count, value: .nan)], to: key)
    let new = events(of: client, from: &cursor) { events, _ in !events.isEmpty }
    #expect(self.points(of: new).map(\.step) == [count])
    history = client.events(after: cursor)
    #expect(history.events.isEmpty)
  }

  @Test func eachClientHasItsOwnPlace() throws {
    let served = try TestServer()
    served.engine.append(.failed("first"))
    served.engine.append([MetricPoint(step: 1, value: 1)], to: key)
    let all = try served.connect()
    let pointless = try served.connect(points: .none)
    let late = try served.connect(history: false)
    for client in [all, pointless, late] { try client.waitForHistory() }
    served.engine.append([MetricPoint(step: 2, value: 2)], to: key)
    served.engine.append(.failed("second"))
    func told(_ client: RemoteEngine) -> (words: [EngineEvent], steps: [Int]) {
      var cursor = EventCursor()
      let events = events(of: client, from: &cursor) { events, _ in events.last == .failed("second") }
      return (events.filter { $0 == .failed("first") || $0 == .failed("second") }, points(of: events).map(\.step))
    }
    #expect(told(all) == ([.failed("first"), .failed("second")], [1, 2]))
    #expect(told(pointless) == ([.failed("first"), .failed("second")], []))
    #expect(told(late) == ([.failed("second")], [2]))
  }

  @Test func snapshotsComeWhenTheyChange() throws {
    let served = try TestServer()
    let client = try served.connect()
    try client.waitForHistory()
    #expect(eventually { client.snapshot() == Snapshot(clients: 1) })
    let lane = LaneSnapshot(
      name: "a", state: .failed("loss: NaN"), epochs: 3, stepsPerEpoch: 4, latest: [.trainLoss: 0.5],
      hyperparameters: [])
    served.engine.set([lane])
    let phase = Snapshot.Phase.preparing(Snapshot.Stage(.dataset, "reading"))
    served.engine.set(phase)
    #expect(eventually { client.snapshot() == Snapshot(phase: phase, lanes: [lane], clients: 1) })
  }

  private func client(of served: TestServer, seeing lane: LaneSnapshot) throws -> RemoteEngine {
    let client = try served.connect()
    try client.waitForHistory()
    served.engine.set([lane])
    #expect(eventually { client.snapshot().lanes == [lane] })
    return client
  }

  @Test func anAnswerBringsTheSnapshotWithIt() throws {
    let served = try TestServer()
    var lane = LaneSnapshot(name: "a", state: .training, epochs: 3, stepsPerEpoch: 4, hyperparameters: [])
    let client = try client(of: served, seeing: lane)
    // Progress may be delayed by half a second; a snapshot with an answer is not.
    var cursor = EventCursor()
    var slowest = Duration.zero
    for step in 1...5 {
      lane.step = step
      served.engine.set([lane])
      let start = ContinuousClock.now
      client.send(.set(.learningRate, .number(0.5), .lane("a")))
      _ = events(of: client, from: &cursor) { events, _ in !events.isEmpty }
      #expect(eventually { client.snapshot().lanes == [lane] })
      slowest = max(slowest, ContinuousClock.now - start)
    }
    #expect(slowest < .milliseconds(200))
  }

  @Test func anAnswerThatWasLongInComingBringsTheSnapshotToo() throws {
    let served = try TestServer()
    var lane = LaneSnapshot(name: "a", state: .training, epochs: 3, stepsPerEpoch: 4, hyperparameters: [])
    let client = try client(of: served, seeing: lane)
    // The last poll was long ago, so the next one is late. The best of several, as a busy machine may delay one.
    var fastest = Duration.seconds(10)
    for step in 1...5 {
      lane.step = step
      served.engine.set([lane])
      let start = ContinuousClock.now
      served.engine.append(.refused(CommandID(step), "it took long"))
      #expect(eventually { client.snapshot().lanes == [lane] })
      fastest = min(fastest, ContinuousClock.now - start)
    }
    #expect(fastest < .milliseconds(300))
  }

  @Test func packedPointsAreWrittenAndReadAsTheEncoderDoes() throws {
    let points = [MetricPoint(step: 258, value: 1), MetricPoint(step: 4_000_000_000, value: .nan)]
    for (lane, layer) in [("a", nil), ("lane 2", "hidden 1"), ("größer", nil), (#"a"\b"#, "x")] as [(String, String?)] {
      let key = MetricKey(.flipRate, layer: layer)
      let event = EngineEvent.points(lane: lane, branch: 3, key, points)
      let expected = try PointsForm.packed.encoder().encode(event)
      var buffer = ByteBuffer()
      let isPlain = PointsLine.write(lane: lane, branch: 3, key, points, to: &buffer)
      #expect(isPlain == (lane != "größer" && !lane.contains("\"")))
      if isPlain {
        #expect(Data(buffer.readableBytesView) == expected + [10])
      } else {
        #expect(buffer.readableBytes == 0)
      }
      var read: EngineEvent?
      read = PointsLine.read(ByteBuffer(bytes: expected))
      if isPlain, case .points(lane, 3, key, let found)? = read {
        #expect(
          found.map(\.value.bitPattern) == points.map(\.value.bitPattern) && found.map(\.step) == points.map(\.step))
      } else {
        #expect(!isPlain)
      }
    }
    let good = #"{"branch":1,"event":"points","lane":"a","metric":"trainLoss","packed":"AgEAAAAAgD8="}"#
    #expect(PointsLine.read(ByteBuffer(string: good)) != nil)
    for bad in [
      good + " ", String(good.dropLast()), good.replacing("trainLoss", with: "hope"), good.replacing("D8=", with: "D8"),
      good.replacing("\"a\"", with: "\"a\\n\""), good.replacing(":1,", with: ":1.5,"),
      good.replacing(#""lane""#, with: #""more":1,"lane""#), "", "{", #"{"branch":"#,
    ] {
      #expect(PointsLine.read(ByteBuffer(string: bad)) == nil, "\(bad)")
    }
  }

  @Test func clientsAreCounted() throws {
    let served = try TestServer()
    #expect(served.server.clientCount == 0 && served.server.loneliness != nil)
    let first = try served.connect()
    let second = try served.connect()
    #expect(served.server.clientCount == 2 && served.server.loneliness == nil)
    #expect(eventually { served.engine.snapshot().clients == 2 })
    first.close()
    #expect(eventually { served.server.clientCount == 1 })
    second.close()
    #expect(eventually { served.server.clientCount == 0 && served.engine.snapshot().clients == 0 })
    #expect(served.server.loneliness != nil)
  }

  @Test func anotherVersionIsRefused() throws {
    let served = try TestServer()
    let client = try RawClient(served.path)
    client.send(line: #"{"hello":{"protocol":2,"client":"newer"}}"#)
    let lines = client.lines()
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix(#"{"error":"expected protocol 1, found 2: the engine is signflip test"#) == true)
    // The advice: use that version, or suspend the run and resume it with the other.
    #expect(lines.first?.contains("`kill \(getpid())`") == true && lines.first?.contains("signflip resume") == true)
    #expect(served.server.clientCount == 0)
  }

  @Test func anotherUserIsRefused() throws {
    let served = try TestServer(owner: getuid() + 1)
    #expect(throws: ServiceError.self) { try served.connect() }
    let client = try RawClient(served.path)
    client.send(line: #"{"hello":{"protocol":1}}"#)
    client.send(line: #"{"command":"pause"}"#)
    #expect(client.line() == nil)
    #expect(served.engine.asked.isEmpty && served.server.clientCount == 0)
  }

  @Test func aScriptIsUnderstood() throws {
    let served = try TestServer()
    let client = try RawClient(served.path)
    // Lines are recognized however the bytes are split.
    let text = """
      {"hello":{"protocol":1,"client":"script","points":"none","snapshots":false}}\r
      \r
      {"id":3,"command":"set","lane":"binary","hyperparameter":"learningRate","value":0.001}

      """
    for byte in text.utf8 { client.send([byte]) }
    let welcome = try #require(client.line())
    let expected =
      #"{"welcome":{"client":1,"ping":true,"process":\#(getpid()),"program":"test","protocol":1,"run":""}}"#
    #expect(welcome.hasPrefix(expected))
    #expect(client.line() == #"{"client":1,"event":"refused","id":3,"reason":"only a record"}"#)
    #expect(
      served.engine.asked == [
        .init(
          command: .set(.learningRate, .number(0.001), .lane("binary")), id: CommandID(3, client: 1), origin: "script")
      ])
  }

  @Test func theEndIsSaid() throws {
    let served = try TestServer()
    let client = try served.connect()
    try client.waitForHistory()
    served.engine.append(.finished)
    served.engine.set(.finished)
    served.server.stop("everything is done")
    #expect(eventually { !client.isConnected })
    #expect(client.goodbye == "everything is done")
    // The last events are sent before the goodbye, and an end with a goodbye is not a loss.
    #expect(client.events(after: EventCursor()).events == [.finished])
    #expect(client.snapshot().phase == .finished)
    #expect(!FileManager.default.fileExists(atPath: served.path))
    let id = client.send(.pause(.all))
    #expect(client.events(after: EventCursor()).events == [.refused(id, "the engine has ended")])
    #expect(throws: ServiceError.self) { try served.connect() }
  }

  private func points(of events: [EngineEvent]) -> [MetricPoint] {
    events.flatMap { event -> [MetricPoint] in
      if case .points(_, _, _, let points) = event { points } else { [] }
    }
  }
}
