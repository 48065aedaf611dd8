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

  // A newer engine may say what this client has no word for.
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
