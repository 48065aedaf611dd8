import EngineProtocol
import Foundation
import NIOCore

/// A client's connection, with its position in the engine's record, and at most one buffer in transit.
///
/// Used on the event loop only.
final class ClientSession: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let mostErrors = 100
  // The first errors of a client are answered, even if others make many.
  private static let freeErrors = 3
  private static let mostCommandsASecond = 100
  private static let longestOrigin = 64
  // A client without history speaks next. Most line readers drop what they have read ahead when they write.
  private static let hold = TimeAmount.milliseconds(150)

  private struct Client {
    var number: Int
    var name: String
    var feed: EventFeed
    var wantsSnapshots: Bool
    var encoder: JSONEncoder
    var sentSnapshot = 0
  }

  private let hall: ClientHall
  private let decoder = EngineJSON.decoder()
  private let encoder = EngineJSON.encoder()
  private var context: ChannelHandlerContext?
  private var lines = LineSplitter(limit: WireProtocol.longestClientLine)
  private var errors = 0
  private var commands = RateLimit(mostASecond: mostCommandsASecond)
  private var client: Client?
  private var isWriting = false
  private var isHeld = false
  private var isClosing = false

  init(hall: ClientHall) { self.hall = hall }

  // MARK: Channel

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    guard hall.admit(self) else {
      return end(with: .error(ServerFault(.unavailable, "too many clients, or the engine is ending")))
    }
    hall.loop.assumeIsolated().scheduleTask(in: .seconds(10)) { [weak self] in
      guard let self, client == nil else { return }
      end(with: .error(ServerFault(.noHello, "expected a hello within 10 seconds")))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosing = true
    self.context = nil
    hall.leave(self)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    lines.append(unwrapInboundIn(data))
    do {
      while !isClosing, let line = try lines.next() { read(line) }
    } catch {
      end(with: .error(ServerFault(.malformed, "\(error)")))
    }
  }

  // MARK: Receiving

  private func read(_ line: ByteBuffer) {
    release()
    guard line.readableBytesView.contains(where: { $0 > UInt8(ascii: " ") }) else { return }
    do {
      let line = Data(line.readableBytesView)
      do {
        try take(decoder.decode(ClientLine.self, from: line))
      } catch let error as DecodingError {
        complain(error.words, id: (try? decoder.decode(NamedLine.self, from: line))?.id)
      }
    } catch {
      complain("\(error)", id: nil)
    }
  }

  private struct NamedLine: Decodable {
    var id: Int?
  }

  private func take(_ line: ClientLine) throws {
    switch (line, client) {
    case (.hello(let hello), nil):
      guard hello.version == WireProtocol.version else {
        return end(with: .error(ServerFault(.version, VersionAdvice.words(refusing: hello, program: hall.program))))
      }
      greet(hello)
    case (.ping(let number), _):
      guard commands.allows() else {
        return complain("too many pings: at most \(Self.mostCommandsASecond) a second", .tooMany, id: nil)
      }
      write(.pong(number))
    case (.hello, _): complain("expected a command, found a second hello", id: nil)
    case (.command(let id, _), nil):
      complain("expected a hello first: {\"hello\":{\"protocol\":\(WireProtocol.version)}}", id: id)
    case (.command(let id, let command), let client?):
      // Each command adds an answer to the engine's record.
      guard commands.allows() else {
        return complain("too many commands: at most \(Self.mostCommandsASecond) a second", .tooMany, id: id)
      }
      if case .points(let request) = command { return tell(request, id) }
      hall.engine.perform(command, as: CommandID(id, client: client.number), origin: client.name)
      hall.expectAnswer()
    }
  }

  // Sent to this client only, because the engine's record must not duplicate what the run's directory contains.
  private func tell(_ request: PointsRequest, _ id: Int) {
    guard let client, let context else { return }
    guard context.channel.isWritable else {
      return complain("points are sent only to a client that has read everything else", id: id)
    }
    do {
      let points = try hall.engine.points(request)
      write(.event(.stretch(CommandID(id, client: client.number), request, points)), with: client.encoder)
    } catch {
      complain("\(error)", id: id)
    }
  }

  private func greet(_ hello: Hello) {
    let feed = EventFeed(of: hall.engine, hello)
    let welcome = hall.welcome(self, watches: hello.wantsHistory)
    let name = String(hello.client.prefix(Self.longestOrigin))
    client = Client(
      number: welcome.client, name: name.isEmpty ? "client \(welcome.client)" : name, feed: feed,
      wantsSnapshots: hello.wantsSnapshots, encoder: hello.points.encoder())
    write(.welcome(welcome))
    guard !hello.wantsHistory else { return pump() }
    isHeld = true
    hall.loop.assumeIsolated().scheduleTask(in: Self.hold) { [weak self] in self?.release() }
  }

  // Releases the messages after the welcome: the client has sent a line, or the wait is over.
  private func release() {
    guard isHeld else { return }
    isHeld = false
    pump()
  }

  private func complain(_ words: String, _ code: ServerFault.Code = .malformed, id: Int?) {
    errors += 1
    let isAllowed = hall.allowsError()
    if errors < Self.mostErrors, isAllowed || errors <= Self.freeErrors {
      write(.error(ServerFault(code, words, id: id)))
    } else {
      end(with: .error(ServerFault(code, "\(words); too many errors", id: id)))
    }
  }

  // MARK: Sending

  /// Sends what is new, unless the last buffer is still in transit.
  func pump() {
    guard let context, !isWriting, !isClosing, !isHeld || hall.farewell != nil, context.channel.isWritable,
      var client = self.client
    else {
      if hall.farewell != nil, client == nil { close() }
      return
    }
    var buffer = ByteBuffer()
    do {
      try client.feed.write(to: &buffer, from: hall.engine)
    } catch {
      return end(with: .error(ServerFault(.malformed, "\(error)")))
    }
    // A snapshot refers to lanes that earlier events describe.
    if client.feed.isCaughtUp, client.wantsSnapshots, client.sentSnapshot != hall.snapshotNumber {
      buffer.writeImmutableBuffer(hall.snapshotLine)
      client.sentSnapshot = hall.snapshotNumber
    }
    self.client = client
    let isLast = client.feed.isCaughtUp && hall.farewell != nil
    if buffer.readableBytes > 0 {
      isWriting = true
      context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { [self] _ in
        isWriting = false
        // The rest of a long history follows after the other clients' turn.
        if !client.feed.isCaughtUp { hall.loop.assumeIsolated().execute { [self] in pump() } }
      }
    }
    if isLast, let reason = hall.farewell { end(with: .goodbye(reason)) }
  }

  private func write(_ line: ServerLine, with encoder: JSONEncoder? = nil) {
    guard let context else { return }
    var buffer = ByteBuffer()
    guard (try? buffer.writeLine(line, with: encoder ?? self.encoder)) != nil else { return }
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
  }

  // Sends a last line, and closes the connection when it is written, or after two seconds.
  private func end(with line: ServerLine) {
    guard let context, !isClosing else { return }
    isClosing = true
    var buffer = ByteBuffer()
    _ = try? buffer.writeLine(line, with: encoder)
    context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { [self] _ in close() }
    hall.loop.assumeIsolated().scheduleTask(in: .seconds(2)) { [weak self] in self?.close() }
  }

  /// Closes the connection immediately.
  func close() {
    isClosing = true
    context?.close(promise: nil)
  }
}

/// A limit on events per second.
struct RateLimit {
  /// The maximum number per second.
  let mostASecond: Int
  private var start = NIODeadline.now()
  private var count = 0

  init(mostASecond: Int) { self.mostASecond = mostASecond }

  /// Counts one event; false if there were too many in this second.
  mutating func allows() -> Bool {
    let now = NIODeadline.now()
    if now - start > .seconds(1) { (start, count) = (now, 0) }
    count += 1
    return count <= mostASecond
  }
}
