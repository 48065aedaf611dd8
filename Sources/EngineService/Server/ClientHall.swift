import EngineProtocol
import Foundation
import NIOCore

/// All clients of an engine, on the event loop: lets them in, and sees to it on a timer that each gets what is new.
///
/// Lives on the event loop alone.
final class ClientHall {
  // Thirty times a second: more often a screen draws nothing, and each time a lane is held up.
  private static let period = TimeAmount.milliseconds(33)
  // While nothing moves by itself.
  private static let restPeriod = TimeAmount.milliseconds(132)
  // What only moves on is read twice a second: more often nobody could read it, and each time costs a millisecond.
  private static let ticksASnapshot = 15
  // An answer is looked for sooner, so that a key is seen to work: every 4 ms for a fifth of a second.
  private static let answerPeriod = TimeAmount.milliseconds(4)
  private static let answerLooks = 50
  private static let mostClients = 64

  let engine: any HostedEngine
  let loop: any EventLoop
  let program: String
  // Told how many clients and connections there are, each time that changes.
  private let onCount: @Sendable (Int, Int) -> Void

  private var sessions: [ObjectIdentifier: ClientSession] = [:]
  private var clients: Set<ObjectIdentifier> = []
  // Those who follow the training, not only ask or tell something.
  private var watchers: Set<ObjectIdentifier> = []
  private var lastNumber = 0
  private var isTicking = false
  private var ticksSinceSnapshot = 0
  private var looksForAnswer = 0

  private let encoder = EngineJSON.encoder()
  private var snapshot: Snapshot?
  /// The newest snapshot as a line, and how many there were: the same for all clients.
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

  /// Takes a connection in; false where there are too many.
  func admit(_ session: ClientSession) -> Bool {
    guard sessions.count < Self.mostClients, farewell == nil else { return false }
    sessions[ObjectIdentifier(session)] = session
    onCount(watchers.count, sessions.count)
    return true
  }

  /// Makes a connection a client: it has said hello.
  /// - Parameter watches: whether it follows the training, and so keeps the engine from ending.
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

  /// A connection has ended.
  func leave(_ session: ClientSession) {
    sessions[ObjectIdentifier(session)] = nil
    clients.remove(ObjectIdentifier(session))
    if watchers.remove(ObjectIdentifier(session)) != nil { engine.setClientCount(watchers.count) }
    onCount(watchers.count, sessions.count)
    if sessions.isEmpty { onEmpty?.succeed() }
  }

  /// Sends every client the rest and a goodbye, and ends the connections.
  /// - Returns: fulfilled when all are gone, which a client that doesn't read may delay for two seconds.
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

  /// Counts an error of some client; false where all together make more than there is time for.
  func allowsError() -> Bool { errors.allows() }

  // MARK: What is new

  private func startTicking() {
    guard !isTicking else { return }
    isTicking = true
    tick()
  }

  // Without clients the timer rests.
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

  /// Takes note that a command was given: its answer is not to wait for the timer.
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
    // A snapshot that can't be written is left out; the next may be better.
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
    case .applied, .refused, .checkpointed: true
    default: false
    }
  }
}

extension Snapshot {
  /// The snapshot without what moves on with every update of a lane: what is left changes by turns, and is to be told
  /// at once. A lane that is held moves only when it is told to, so its figures are left.
  var turns: Snapshot {
    var turns = self
    turns.seconds = 0
    turns.storage?.bytes = 0
    for index in lanes.indices where lanes[index].state != .paused && !lanes[index].state.hasEnded {
      turns.lanes[index].step = 0
      turns.lanes[index].epoch = 0
      turns.lanes[index].trainingSeconds = 0
      turns.lanes[index].seconds = 0
      turns.lanes[index].latest = [:]
      // Those that a schedule moves; what a person changes has an answer.
      turns.lanes[index].hyperparameters = []
      turns.lanes[index].flips = []
      turns.lanes[index].latentWeights = []
    }
    return turns
  }

  /// Whether every lane is held or has ended, so that nothing comes unless it is asked for.
  var isAtRest: Bool { !lanes.isEmpty && lanes.allSatisfy { $0.state == .paused || $0.state.hasEnded } }
}
