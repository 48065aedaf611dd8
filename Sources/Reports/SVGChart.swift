import Foundation

/// A line chart as SVG: traces over steps, with bands, ghosts and markers.
struct SVGChart: Sendable {
  /// A line.
  struct Trace: Sendable {
    /// The lane's index, which determines colour and dashes.
    var lane: Int
    /// Whether a rewind has undone it.
    var isGhost = false
    /// The samples in order of steps.
    var samples: [Sample]
  }

  /// A value at a step, with the minimum and maximum of the values that it summarizes; NaN is a gap.
  struct Sample: Sendable, Hashable {
    /// Updates done.
    var step: Double
    /// The minimum.
    var minimum: Double
    /// The mean.
    var mean: Double
    /// The maximum.
    var maximum: Double
  }

  /// A vertical line that marks a change.
  struct Marker: Sendable {
    /// The lane's index.
    var lane: Int
    /// Updates done.
    var step: Double
    /// A short label.
    var label: String
  }

  /// A text alternative.
  var title: String
  /// The lines; ghosts are drawn below the others.
  var traces: [Trace]
  /// The markers.
  var markers: [Marker] = []
  /// The last step shown.
  var lastStep: Double
  /// Whether to use a logarithmic axis for a wide range of values.
  var mayBeLogarithmic = false
  /// Whether the values are fractions, shown as percentages.
  var isShare = false
  /// What the horizontal axis counts.
  var horizontal = "step"

  static let width = 640.0
  static let height = 300.0
  private let left = 56.0
  private let right = 14.0
  private let top = 40.0
  private let bottom = 34.0

  /// Returns the chart, or a text if there is nothing to draw.
  func svg() -> HTML {
    let frame = [
      ("viewBox", "0 0 640 300"), ("role", "img"), ("aria-label", title), ("class", "chart"),
      ("xmlns", "http://www.w3.org/2000/svg"),
    ]
    // The value before the first update says nothing about the training, so the range ignores it.
    let measured = traces.flatMap(\.samples).filter(\.mean.isFinite)
    let trained = measured.filter { $0.step > 0 }
    let samples = trained.isEmpty ? measured : trained
    guard let lower = samples.map(\.minimum).min(), let upper = samples.map(\.maximum).max() else {
      return .element("svg", frame, [text("no values", 320, 150, anchor: "middle")])
    }
    let scale = isShare ? 100.0 : 1
    let values = Axis(lower * scale, upper * scale, count: 5, mayBeLogarithmic: mayBeLogarithmic)
    let steps = Axis(0, max(1, lastStep), count: 6, isTight: true)
    let ordered = traces.filter(\.isGhost) + traces.filter { !$0.isGhost }
    return .element(
      "svg", frame,
      grid(values, steps) + markers(steps) + offScale(measured, values, scale: scale)
        + ordered.flatMap { draw($0, values, steps, scale: scale) })
  }

  private func x(_ step: Double, _ axis: Axis) -> Double { left + axis.place(step) * (Self.width - left - right) }
  // Values beyond the axis are drawn at its end.
  private func y(_ value: Double, _ axis: Axis) -> Double {
    Self.height - bottom - min(1, max(0, axis.place(value))) * (Self.height - top - bottom)
  }

  // A note about the value before the first update, if it is beyond the axis.
  private func offScale(_ samples: [Sample], _ values: Axis, scale: Double) -> [HTML] {
    let beyond = samples.filter { $0.step == 0 && $0.mean * scale > values.range.upperBound * (1 + 1e-9) }
    guard let greatest = beyond.map(\.mean).max() else { return [] }
    let value = greatest * scale
    let words = Figure.tick(value, step: pow(10, log10(value).rounded(.down) - 2)) + (isShare ? "%" : "")
    return [text("▲ untrained: \(words)", left + 6, top + 10, anchor: "start")]
  }

  // MARK: Frame

  private func grid(_ values: Axis, _ steps: Axis) -> [HTML] {
    var parts: [HTML] = []
    for tick in values.ticks {
      let y = y(tick.value, values)
      parts.append(line("g", left, y, Self.width - right, y))
      parts.append(text(tick.label + (isShare ? "%" : ""), left - 8, y + 4, anchor: "end"))
    }
    for tick in steps.ticks {
      let x = x(tick.value, steps)
      parts.append(line("t", x, Self.height - bottom, x, Self.height - bottom + 4))
      parts.append(text(tick.label, x, Self.height - bottom + 18, anchor: "middle"))
    }
    parts.append(text(horizontal, left - 8, Self.height - bottom + 18, anchor: "end"))
    parts.append(line("t", left, Self.height - bottom, Self.width - right, Self.height - bottom))
    return parts
  }

  private func markers(_ steps: Axis) -> [HTML] {
    // Labels are placed in rows. One that does not fit is shown as a tooltip, and in the journal.
    var rowEnds = [-Double.infinity, -.infinity, -.infinity]
    var parts: [HTML] = []
    for marker in markers.sorted(by: { $0.step < $1.step }) where marker.step <= steps.range.upperBound {
      let x = x(marker.step, steps)
      let title = HTML.element("title", text: "step \(Int(marker.step)): \(marker.label)")
      let rule = line("m c\(marker.lane % SVGStyle.count)", x, top - 4, x, Self.height - bottom)
      let length = Double(marker.label.count) * 5.4
      let start = min(max(0, x - length / 2), Self.width - length)
      var children = [title, rule]
      if let row = rowEnds.firstIndex(where: { $0 < start }) {
        rowEnds[row] = start + length + 8
        children.append(text(marker.label, start, top - 8 - Double(row) * 12, anchor: "start", style: "ml"))
      }
      parts.append(.element("g", [], children))
    }
    return parts
  }

  // MARK: Lines

  private func draw(_ trace: Trace, _ values: Axis, _ steps: Axis, scale: Double) -> [HTML] {
    var parts: [HTML] = []
    let style = "c\(trace.lane % SVGStyle.count)"
    var path = ""
    for run in trace.samples.split(whereSeparator: { !$0.mean.isFinite }) {
      let points = run.map { ($0, x($0.step, steps)) }
      func pairs(_ value: (Sample) -> Double, _ points: [(Sample, Double)]) -> String {
        points.map { "\(Figure.coordinate($1)),\(Figure.coordinate(y(value($0) * scale, values)))" }
          .joined(separator: " ")
      }
      if points.count == 1 {
        let (x, y) = (points[0].1, y(points[0].0.mean * scale, values))
        parts.append(
          .element(
            "circle",
            [
              ("class", "p \(style)\(trace.isGhost ? " ghost" : "")"), ("cx", Figure.coordinate(x)),
              ("cy", Figure.coordinate(y)), ("r", "2.5"),
            ]))
        continue
      }
      if !trace.isGhost, run.contains(where: { $0.minimum < $0.maximum }) {
        let outline = pairs(\.maximum, points) + " " + pairs(\.minimum, points.reversed())
        parts.append(.element("polygon", [("class", "b \(style)"), ("points", outline)]))
      }
      path += "M" + pairs(\.mean, points)
    }
    if !path.isEmpty {
      parts.append(.element("path", [("class", "s \(style)\(trace.isGhost ? " ghost" : "")"), ("d", path)]))
    }
    return parts
  }

  // MARK: Parts

  private func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> HTML {
    .element(
      "path",
      [
        ("class", style),
        (
          "d",
          "M\(Figure.coordinate(x1)),\(Figure.coordinate(y1)) \(Figure.coordinate(x2)),\(Figure.coordinate(y2))"
        ),
      ])
  }

  private func text(_ words: String, _ x: Double, _ y: Double, anchor: String, style: String = "a") -> HTML {
    .element(
      "text",
      [("class", style), ("x", Figure.coordinate(x)), ("y", Figure.coordinate(y)), ("text-anchor", anchor)],
      [HTML(words)])
  }
}
