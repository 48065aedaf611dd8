import EngineProtocol
import TerminalUI
import TrainingMetrics

extension WeightPanels {
  /// Draws the weight under the cursor: its value, sign, flips and course.
  func drawWeight(in area: Rect, on painter: inout Painter) {
    let weight = weights?.weight
    let place = cursor.map { "unit \($0.unit), input \($0.input)" } ?? ""
    var title = [painter.piece("one weight", .strong)]
    if !place.isEmpty { title.append(painter.piece("  " + place, .accent)) }
    let pixel = pixel
    let inner = box(title, pixel, in: area, on: &painter)
    guard cursor != nil else {
      let key = context.keyMap.keys(for: .weight).first?.label ?? ":weight"
      return painter.centered(
        [painter.piece(key, .accent, .bold), painter.piece(" puts a cursor on a weight", .faint)],
        in: inner.row(inner.height / 2))
    }
    guard let weight, weight.unit == cursor?.unit, weight.input == cursor?.input else {
      let words = view.failure(context) ?? "being read"
      return painter.centered([painter.piece(words, .faint)], in: inner.row(inner.height / 2))
    }
    var parts: [[StyledText]] = []
    func add(_ name: String, _ value: String, _ role: ThemeRole = .text) {
      parts.append([painter.piece(name + " ", .faint), painter.piece(value, role)])
    }
    let kind = weights?.layer.kind ?? .latent
    add(kind == .latent ? "latent" : kind == .moving ? "average" : "weight", signed(weight.value))
    if let level = weight.level {
      let sign = level > 0 ? "+" : level < 0 ? "−" : ""
      add(abs(level) <= 1 ? "sign" : "level", sign + NumberFormat.compact(abs(level)), .strong)
    }
    if let flips = weight.flips { add("flips", NumberFormat.grouped(flips)) }
    if let change = weight.change {
      add("moves", signed(change) + " an update")
      if kind == .latent, change != 0, change * weight.value < 0 {
        add(
          "flips in about", "\(NumberFormat.abbreviated((abs(weight.value / change)).rounded(.up))) such updates",
          .accent)
      }
    }
    var lines: [[StyledText]] = []
    for part in parts {
      if let last = lines.last, displayWidth(last) + 3 + displayWidth(part) <= inner.width {
        lines[lines.count - 1] += [painter.piece("   ")] + part
      } else {
        lines.append(part)
      }
    }
    let course = weight.course
    let chartHeight = inner.height - lines.count
    for (row, line) in lines.prefix(inner.height).enumerated() {
      painter.frame.text(line, x: inner.x, y: inner.y + row, maxWidth: inner.width)
    }
    guard chartHeight >= 1 else { return }
    let rest = inner.inset(top: lines.count)
    let counts = course.compactMap(\.flips)
    let flips = "flips at checkpoints: " + counts.map(String.init).joined(separator: " ")
    let hasFlips = !counts.isEmpty && displayWidth(flips) <= rest.width
    if course.count < 2 {
      painter.text(
        course.isEmpty ? "no checkpoint of it: no course" : "one checkpoint: no course yet", x: rest.x, y: rest.y,
        .faint,
        maxWidth: rest.width)
    } else if rest.height >= (hasFlips ? 5 : 4) {
      drawCourse(course, in: rest.inset(bottom: hasFlips ? 1 : 0), on: &painter)
      if hasFlips { painter.text(flips, x: rest.x, y: rest.maxY - 1, .faint, maxWidth: rest.width) }
    } else if hasFlips {
      painter.text(flips, x: rest.x, y: rest.y, .faint, maxWidth: rest.width)
    }
  }

  private func drawCourse(_ course: [LayerWeights.Weight.Point], in area: Rect, on painter: inout Painter) {
    var series = MetricSeries()
    for point in course { series.append(MetricPoint(step: point.step, value: Float(point.value))) }
    let greatest = course.map { abs($0.value) }.filter(\.isFinite).max() ?? 0
    var chart = LineChart(
      series: [ChartSeries(series, color: painter.theme.laneColor(index))], xUnit: lane.stepUnit(context.chart.axis))
    // Zero in the middle: where the line crosses it, the sign flips.
    let bound = greatest > 0 ? greatest * 1.1 : 1
    chart.yRange = -bound...bound
    chart.showsLegend = false
    painter.draw(chart, named: "weight", in: area)
  }

  // Where the cursor is in the image.
  private var pixel: String {
    guard let cursor, let pictures = weights?.pictures, pictures.arePixels else { return "" }
    let place = cursor.input / pictures.channels
    let channel = pictures.channels == 3 ? ", \(["red", "green", "blue"][cursor.input % 3])" : ""
    return "row \(place / pictures.width), column \(place % pictures.width)\(channel)"
  }

  private func signed(_ value: Double) -> String {
    value < 0 ? "−" + NumberFormat.significant(-value, digits: 3) : NumberFormat.significant(value, digits: 3)
  }
}
