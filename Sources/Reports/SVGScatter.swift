import Foundation

/// Points of two measures as SVG: a trial's objective against one of its parameters.
struct SVGScatter: Sendable {
  /// A point.
  struct Point: Sendable {
    /// The horizontal value.
    var x: Double
    /// The vertical value.
    var y: Double
    /// The colour's index.
    var style: Int
    /// What it is, shown where the pointer rests on it.
    var title: String
  }

  /// A text alternative.
  var title: String
  /// The points.
  var points: [Point]
  /// Whether vertical values are fractions, shown as percentages.
  var isShare = false

  private let width = 640.0
  private let height = 300.0
  private let left = 56.0
  private let right = 14.0
  private let top = 14.0
  private let bottom = 34.0

  /// Returns the chart, or a text if there is nothing to draw.
  func svg() -> HTML {
    let frame = [
      ("viewBox", "0 0 640 300"), ("role", "img"), ("aria-label", title), ("class", "chart"),
      ("xmlns", "http://www.w3.org/2000/svg"),
    ]
    let scale = isShare ? 100.0 : 1
    let shown = points.filter { $0.x.isFinite && $0.y.isFinite }
    guard let lower = shown.map(\.y).min(), let upper = shown.map(\.y).max(), let first = shown.map(\.x).min(),
      let last = shown.map(\.x).max()
    else { return .element("svg", frame, [text("no values", width / 2, height / 2, anchor: "middle")]) }
    let horizontal = Axis(first, last, count: 6, mayBeLogarithmic: true)
    let vertical = Axis(lower * scale, upper * scale, count: 5, mayBeLogarithmic: !isShare)
    func x(_ value: Double) -> Double { left + horizontal.place(value) * (width - left - right) }
    func y(_ value: Double) -> Double { height - bottom - vertical.place(value) * (height - top - bottom) }
    var parts: [HTML] = []
    for tick in vertical.ticks {
      parts.append(line("g", left, y(tick.value), width - right, y(tick.value)))
      parts.append(text(tick.label + (isShare ? "%" : ""), left - 8, y(tick.value) + 4, anchor: "end"))
    }
    for tick in horizontal.ticks {
      parts.append(line("t", x(tick.value), height - bottom, x(tick.value), height - bottom + 4))
      parts.append(text(tick.label, x(tick.value), height - bottom + 18, anchor: "middle"))
    }
    parts.append(line("t", left, height - bottom, width - right, height - bottom))
    parts += shown.map { point in
      .element(
        "circle",
        [
          ("class", "p c\(point.style % SVGStyle.count)"), ("cx", Figure.coordinate(x(point.x))),
          ("cy", Figure.coordinate(y(point.y * scale))), ("r", "3"),
        ], [.element("title", text: point.title)])
    }
    return .element("svg", frame, parts)
  }

  private func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> HTML {
    let path = "M\(Figure.coordinate(x1)),\(Figure.coordinate(y1)) \(Figure.coordinate(x2)),\(Figure.coordinate(y2))"
    return .element("path", [("class", style), ("d", path)])
  }

  private func text(_ words: String, _ x: Double, _ y: Double, anchor: String) -> HTML {
    .element(
      "text", [("class", "a"), ("x", Figure.coordinate(x)), ("y", Figure.coordinate(y)), ("text-anchor", anchor)],
      [HTML(words)])
  }
}
