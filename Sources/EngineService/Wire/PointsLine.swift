package import EngineProtocol
package import NIOCore
package import TrainingMetrics

/// A line of packed points, in exactly the form that the engine writes.
///
/// Nearly all lines of a training are of this kind, dozens per second. A general JSON decoder would take longer for
/// them than drawing the screen. Lines in another form use that decoder.
package enum PointsLine {
  /// Writes points as a line, with the same bytes that the encoder would write.
  /// - Returns: false, with nothing written, if a name or a step requires the encoder.
  package static func write(
    lane: String, branch: Int, _ key: MetricKey, _ points: [MetricPoint], to buffer: inout ByteBuffer
  ) -> Bool {
    guard isPlain(lane), isPlain(key.layer ?? ""), let packed = PackedPoints.text(points) else { return false }
    let layer = key.layer.map { ",\"layer\":\"\($0)\"" } ?? ""
    buffer.writeString(
      "{\"branch\":\(branch),\"event\":\"points\",\"lane\":\"\(lane)\"\(layer)"
        + ",\"metric\":\"\(key.metric.rawValue)\",\"packed\":\"\(packed)\"}\n")
    return true
  }

  /// Parses a line; nil if it is not in this form.
  package static func read(_ line: ByteBuffer) -> EngineEvent? {
    var scanner = Scanner(rest: line)
    guard scanner.skip("{\"branch\":"), let branch = scanner.number(),
      scanner.skip(",\"event\":\"points\",\"lane\":\""), let lane = scanner.text()
    else { return nil }
    var layer: String?
    if scanner.skip(",\"layer\":\"") {
      layer = scanner.text()
      if layer == nil { return nil }
    }
    guard scanner.skip(",\"metric\":\""), let metric = scanner.text().flatMap(Metric.init),
      scanner.skip(",\"packed\":\""), let packed = scanner.text(), scanner.skip("}"), scanner.isAtEnd,
      let points = PackedPoints.points(packed)
    else { return nil }
    return .points(lane: lane, branch: branch, MetricKey(metric, layer: layer), points)
  }

  // Whether a text needs no escapes in JSON.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
  }

  private struct Scanner {
    var rest: ByteBuffer

    var isAtEnd: Bool { rest.readableBytes == 0 }

    mutating func skip(_ text: StaticString) -> Bool {
      let length = text.utf8CodeUnitCount
      guard rest.readableBytes >= length, rest.readableBytesView.prefix(length).elementsEqual(Array("\(text)".utf8))
      else { return false }
      rest.moveReaderIndex(forwardBy: length)
      return true
    }

    mutating func number() -> Int? {
      let digits = rest.readableBytesView.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
      return rest.readString(length: digits).flatMap(Int.init)
    }

    // Reads up to and including the closing quote; nil if there is an escape.
    mutating func text() -> String? {
      let view = rest.readableBytesView
      guard let end = view.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
      let length = end - view.startIndex
      guard !view.prefix(length).contains(UInt8(ascii: "\\")) else { return nil }
      defer { rest.moveReaderIndex(forwardBy: 1) }
      return rest.readString(length: length)
    }
  }
}
