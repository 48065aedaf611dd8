import TerminalUI
import TrainingMetrics

/// Draws into a frame of this size and returns its text.
func drawn(_ width: Int, _ height: Int, _ draw: (inout Frame) -> Void) -> String {
  var frame = Frame(width: width, height: height)
  draw(&frame)
  return FrameText.plain(frame)
}

/// A series of points one step apart.
func series(_ values: [Float], from first: Int = 0, every step: Int = 1) -> MetricSeries {
  var result = MetricSeries()
  for (index, value) in values.enumerated() { result.append(MetricPoint(step: first + index * step, value: value)) }
  return result
}

/// The number of set dots of a braille glyph.
func dots(_ glyph: Unicode.Scalar) -> Int {
  (0x2800...0x28FF).contains(glyph.value) ? (glyph.value - 0x2800).nonzeroBitCount : 0
}

extension Frame {
  /// The cells of a rectangle that satisfy a condition, as columns and rows.
  func cells(in rect: Rect, where condition: (Cell) -> Bool) -> [Point] {
    (rect.y..<rect.maxY).flatMap { y in
      (rect.x..<rect.maxX).filter { condition(self[$0, y]) }.map { Point(x: $0, y: y) }
    }
  }
}
