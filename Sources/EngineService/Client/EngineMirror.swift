import EngineProtocol
import Foundation
import NIOCore
import Synchronization

/// Messages received from an engine in another process, until they are read.
final class EngineMirror: Sendable {
  private struct State {
    var snapshot = Snapshot()
    var events: [EngineEvent] = []
    var welcome: Welcome?
    var run: RunDescription?
    var goodbye: String?
    var isClosing = false
    var isConnected = true
    var hasComplained = false
    var lastWord = ContinuousClock.now
    // When the engine was pinged; nil once it has answered.
    var asked: ContinuousClock.Instant?
  }

  private let state = Mutex(State())
  // Completed by the welcome message, or failed by anything else.
  private let arrival: EventLoopPromise<Welcome>
  // Completed by the first snapshot, which follows the complete history.
  private let firstSnapshot: EventLoopPromise<Void>

  init(arrival: EventLoopPromise<Welcome>, firstSnapshot: EventLoopPromise<Void>) {
    self.arrival = arrival
    self.firstSnapshot = firstSnapshot
  }

  var snapshot: Snapshot { state.withLock(\.snapshot) }
  var goodbye: String? { state.withLock(\.goodbye) }
  var isConnected: Bool { state.withLock(\.isConnected) }
  var run: RunDescription? { state.withLock(\.run) }

  func takeEvents() -> [EngineEvent] {
    state.withLock { state in
      defer { state.events = [] }
      return state.events
    }
  }

  /// Returns for how long the engine has not answered. It is pinged after half a second without a message.
  func silence(asking ask: () -> Void) -> Double {
    let now = ContinuousClock.now
    let (asked, isQuiet) = state.withLock { state in
      let isQuiet = state.asked == nil && now - state.lastWord > .milliseconds(500)
      if isQuiet { state.asked = now }
      return (state.asked, isQuiet)
    }
    if isQuiet { ask() }
    return asked.map { (now - $0) / .seconds(1) } ?? 0
  }

  /// Records that the engine has sent something.
  func hear() { state.withLock { ($0.lastWord, $0.asked) = (.now, nil) } }

  func append(_ event: EngineEvent) { state.withLock { $0.events.append(event) } }

  func take(_ line: ServerLine) {
    switch line {
    case .welcome(let welcome):
      guard welcome.version == WireProtocol.version else {
        return arrival.fail(ServiceError(.version, VersionAdvice.words(welcome, nil)))
      }
      state.withLock { $0.welcome = welcome }
      arrival.succeed(welcome)
    case .event(let event):
      state.withLock { state in
        if case .started(let run) = event { state.run = run }
        state.events.append(event)
      }
    case .snapshot(let snapshot):
      state.withLock { $0.snapshot = snapshot }
      firstSnapshot.succeed()
    case .error(let fault):
      guard let welcome = state.withLock(\.welcome) else { return arrival.fail(ServiceError(refusal: fault)) }
      append(.refused(CommandID(fault.id ?? 0, client: welcome.client), fault.words))
    case .pong: break
    case .goodbye(let reason): state.withLock { $0.goodbye = reason }
    }
  }

  /// Handles a line that this program does not understand. If it is the welcome or a snapshot, the connection fails.
  /// Other lines are skipped; only the first one is reported.
  func take(unknown line: Data, _ reason: String) {
    guard let welcome = state.withLock(\.welcome) else {
      guard let words = VersionAdvice.words(welcome: line, reason) else { return }
      return arrival.fail(ServiceError(.version, words))
    }
    let isFirst = state.withLock { state in
      defer { state.hasComplained = true }
      return !state.hasComplained
    }
    if ServerLine.isSnapshot(line) { firstSnapshot.fail(ServiceError(.version, VersionAdvice.words(welcome, reason))) }
    guard isFirst else { return }
    let words = "the engine sent a message that this program does not understand: \(reason)"
    let time = Date().timeIntervalSince1970
    append(.health(HealthReport(.warning, VersionAdvice.words(welcome, words), time: time)))
  }

  /// Records that this side closes the connection, so that its end is not reported as a loss.
  func expectEnd() { state.withLock { $0.isClosing = true } }

  /// Handles the end of the connection.
  func end() {
    state.withLock { state in
      guard state.isConnected else { return }
      state.isConnected = false
      guard let welcome = state.welcome, state.goodbye == nil, !state.isClosing else { return }
      let place = welcome.directory ?? state.run?.directory
      let rest = place.map { "; its record is in \($0)" } ?? ""
      state.events.append(.engineLost("the engine (process \(welcome.process)) has died\(rest)"))
    }
    let lost = ServiceError(.unreachable, "the engine closed the connection")
    arrival.fail(lost)
    firstSnapshot.fail(lost)
  }
}

/// The client's channel handler, which splits the bytes into lines for the mirror.
final class RemoteLink: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let mirror: EngineMirror
  private let decoder = EngineJSON.decoder()
  private var lines = LineSplitter(limit: WireProtocol.longestServerLine)

  init(mirror: EngineMirror) { self.mirror = mirror }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    mirror.hear()
    lines.append(unwrapInboundIn(data))
    do {
      while let line = try lines.next() { read(line) }
    } catch {
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { mirror.end() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // A newer engine may send messages that this client does not know.
  private func read(_ line: ByteBuffer) {
    if let points = PointsLine.read(line) { return mirror.append(points) }
    let line = Data(line.readableBytesView)
    do {
      mirror.take(try decoder.decode(ServerLine.self, from: line))
    } catch {
      mirror.take(unknown: line, (error as? DecodingError)?.words ?? "\(error)")
    }
  }
}
