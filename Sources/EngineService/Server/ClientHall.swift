import EngineProtocol
import Foundation
import NIOCore

/// All clients of an engine: accepts them, and sends them news on a timer.
///
/// Used on the event loop only.
final class ClientHall {
  // Dashboards draw curves at most 20 times a second, and each message takes time from a lane.
  private static let period = TimeAmount.milliseconds(50)
  // While nothing changes by itself.
  private static let restPeriod = TimeAmount.milliseconds(150)
  // Progress figures are sent twice a second: nobody reads faster, and each snapshot takes a millisecond.
  private static let ticksASnapshot = 10
  // After a command, answers are polled every 4 ms for a fifth of a second, so that a key has an immediate effect.
  private static let answerPeriod = TimeAmount.milliseconds(4)
  private static let answerLooks = 50
  private static let mostClients = 64

  let engine: any HostedEngine
  let loop: any EventLoop
  let program: String
  // Called with the numbers of clients and connections when either changes.
  private let onCount: @Sendable (Int, Int) -> Void

  private var sessions: [ObjectIdentifier: ClientSession] = [:]
  private var clients: Set<ObjectIdentifier> = []
  // Clients that watch the training.
  private var watchers: Set<ObjectIdentifier> = []
  private var lastNumber = 0
  private var isTicking = false
  private var ticksSinceSnapshot = 0
  private var looksForAnswer = 0

  private let encoder = EngineJSON.encoder()
  private var snapshot: Snapshot?
  /// The newest snapshot as a line, and its number: the same for all clients.
  private(set) var snapshotLine = ByteBuffer()
  private(set) var snapshotNumber = 0

  private var errors = RateLimit(mostASecond: 100)

  private var answerCursor = EventCursor.withoutPoints
  private var runCursor = EventCursor.withoutPoints
  private var run: RunDescription?

  private(set) var farewell: String?
  private var onEmpty: EventLoopPromise<Void>?

  init(
    engine: any HostedEngine, program: String, loop: any EventLoop, onCount: @escaping @Sendable (Int, Int) -> Void
  ) {
    self.engine = engine
    self.program = program
    self.loop = loop
    self.onCount = onCount
  }

  // MARK: Coming and going

  /// Accepts a connection; false if there are too many.
  func admit(_ session: ClientSession) -> Bool {
    guard sessions.count < Self.mostClients, farewell == nil else { return false }
    sessions[ObjectIdentifier(session)] = session
    onCount(watchers.count, sessions.count)
    return true
  }

  /// Makes a connection a client, after its hello.
  /// - Parameter watches: whether it watches the training, and so prevents the engine from ending.
  func welcome(_ session: ClientSession, watches: Bool) -> Welcome {
    lastNumber += 1
    clients.insert(ObjectIdentifier(session))
    if watches { watchers.insert(ObjectIdentifier(session)) }
    onCount(watchers.count, sessions.count)
    engine.setClientCount(watchers.count)
    refreshSnapshot(engine.snapshot())
    refreshRun()
    startTicking()
    return Welcome(
      version: WireProtocol.version, client: lastNumber, program: program, process: getpid(), run: run?.id ?? "",
      directory: run?.directory, experiment: run?.name)
  }

  /// Handles the end of a connection.
  func leave(_ session: ClientSession) {
    sessions[ObjectIdentifier(session)] = nil
    clients.remove(ObjectIdentifier(session))
    if watchers.remove(ObjectIdentifier(session)) != nil { engine.setClientCount(watchers.count) }
    onCount(watchers.count, sessions.count)
    if sessions.isEmpty { onEmpty?.succeed() }
  }

  /// Sends the rest and a goodbye to every client, and closes the connections.
  /// - Returns: completed when all are closed, which a client that does not read may delay by two seconds.
  func sayGoodbye(_ reason: String) -> EventLoopFuture<Void> {
    if let onEmpty { return onEmpty.futureResult }
    let promise = loop.makePromise(of: Void.self)
    (onEmpty, farewell) = (promise, reason)
    refreshSnapshot(engine.snapshot())
    for session in sessions.values { session.pump() }
    if sessions.isEmpty { promise.succeed() }
    loop.assumeIsolated().scheduleTask(in: .seconds(2)) { [self] in
      for session in sessions.values { session.close() }
    }
    return promise.futureResult
  }

  /// Counts an error of a client; false if all clients together make too many.
  func allowsError() -> Bool { errors.allows() }

  // MARK: Sending

  private func startTicking() {
    guard !isTicking else { return }
    isTicking = true
    tick()
  }

  // Without clients there is no timer.
  private func tick() {
    guard !clients.isEmpty else {
      isTicking = false
      return
    }
    ticksSinceSnapshot += 1
    let isDue = hasNewAnswer() || ticksSinceSnapshot >= Self.ticksASnapshot
    let now = engine.snapshot()
    if isDue || now.turns != snapshot?.turns { refreshSnapshot(now) }
    for session in sessions.values { session.pump() }
    loop.assumeIsolated().scheduleTask(in: now.isAtRest ? Self.restPeriod : Self.period) { [self] in tick() }
  }

  /// Records that a command was sent, so that its answer does not wait for the timer.
  func expectAnswer() {
    let isLooking = looksForAnswer > 0
    looksForAnswer = Self.answerLooks
    if !isLooking { lookForAnswer() }
  }

  private func lookForAnswer() {
    looksForAnswer -= 1
    if hasNewAnswer() {
      refreshSnapshot(engine.snapshot())
      for session in sessions.values { session.pump() }
    }
    guard looksForAnswer > 0, !clients.isEmpty else { return looksForAnswer = 0 }
    loop.assumeIsolated().scheduleTask(in: Self.answerPeriod) { [self] in lookForAnswer() }
  }

  private func hasNewAnswer() -> Bool {
    let batch = engine.events(after: answerCursor)
    answerCursor = batch.cursor
    return batch.events.contains(where: \.isAnswer)
  }

  private func refreshSnapshot(_ now: Snapshot) {
    guard now != snapshot else { return }
    ticksSinceSnapshot = 0
    var line = ByteBuffer()
    // A snapshot that cannot be encoded is skipped; the next one may succeed.
    guard (try? line.writeLine(ServerLine.snapshot(now), with: encoder)) != nil else { return }
    (snapshot, snapshotLine) = (now, line)
    snapshotNumber += 1
  }

  private func refreshRun() {
    let batch = engine.events(after: runCursor)
    runCursor = batch.cursor
    for case .started(let description) in batch.events { run = description }
  }
}

extension EngineEvent {
  fileprivate var isAnswer: Bool {
    switch self {
    case .applied, .refused, .checkpointed, .lanePacked, .laneTimed, .laneExported, .laneInspected, .laneClassified,
      .imageAnswered, .rateFound, .momentsCompared, .weightsRead, .deploymentFailed:
      true
    default: false
    }
  }
}

extension Snapshot {
  /// The snapshot without the figures that change with every update. Changes of the rest are sent immediately. The
  /// figures of a paused lane are kept, because only a command changes them.
  var turns: Snapshot {
    var turns = self
    turns.seconds = 0
    turns.storage?.bytes = 0
    turns.storage?.freeBytes = nil
    turns.machine = nil
    for index in lanes.indices where lanes[index].state != .paused && !lanes[index].state.hasEnded {
      turns.lanes[index].step = 0
      turns.lanes[index].epoch = 0
      turns.lanes[index].trainingSeconds = 0
      turns.lanes[index].seconds = 0
      turns.lanes[index].latest = [:]
      turns.lanes[index].phases = nil
      // A schedule may change them; a change by a command has an answer of its own.
      turns.lanes[index].hyperparameters = []
      turns.lanes[index].flips = []
      turns.lanes[index].latentWeights = []
    }
    return turns
  }

  /// Whether every lane is paused or has ended, so that nothing happens without a command.
  var isAtRest: Bool { !lanes.isEmpty && lanes.allSatisfy { $0.state == .paused || $0.state.hasEnded } }
}
