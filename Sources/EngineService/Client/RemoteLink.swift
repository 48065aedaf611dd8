import EngineProtocol
import Foundation
import NIOCore

/// The client's end of a connection: cuts what comes into lines and hands them to the mirror.
final class RemoteLink: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let mirror: EngineMirror
  private let decoder = EngineJSON.decoder()
  private var lines = LineSplitter(limit: WireProtocol.longestServerLine)
  private var hasComplained = false

  init(mirror: EngineMirror) { self.mirror = mirror }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lines.append(unwrapInboundIn(data))
    do {
      while let line = try lines.next() { read(line) }
    } catch {
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { mirror.end() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // A newer engine may say what this client has no word for: it goes on without, and says so once.
  private func read(_ line: ByteBuffer) {
    if let points = PointsLine.read(line) { return mirror.append(points) }
    do {
      mirror.take(try decoder.decode(ServerLine.self, from: Data(line.readableBytesView)))
    } catch {
      guard !hasComplained else { return }
      hasComplained = true
      let words = (error as? DecodingError)?.words ?? "\(error)"
      let message = "the engine says what this program does not understand: \(words)"
      mirror.append(.health(HealthReport(.warning, message, time: Date().timeIntervalSince1970)))
    }
  }
}
