import EngineProtocol
import TerminalUI
import TrainingMetrics

/// What every lane takes an image for, with the probabilities of its classes, beside the answer of its latent weights.
struct AnswerList {
  let answers: ImageAnswers?
  let lanes: [LaneModel]

  /// Draws a block of bars per lane where there is room, else a line per lane.
  /// - Parameter waiting: the text if there are no answers.
  func draw(in area: Rect, waiting: String, on painter: inout Painter) {
    guard area.height > 0, area.width > 0 else { return }
    guard let answers, !answers.answers.isEmpty else {
      for (row, line) in TextWrap.lines(waiting, width: area.width).prefix(area.height).enumerated() {
        painter.text(line, x: area.x, y: area.y + row, .faint, maxWidth: area.width)
      }
      return
    }
    // Bars of the most probable classes in the rows that the lanes share.
    let rows = area.height / answers.answers.count
    let bars = area.width >= 24 ? min(answers.classes.count, 10, max(0, rows - 2)) : 0
    var y = area.y
    for answer in answers.answers where y < area.maxY {
      draw(
        answer, answers, bars: bars, in: Rect(x: area.x, y: y, width: area.width, height: area.maxY - y), on: &painter)
      y += 1 + bars + (bars > 0 ? 1 : 0)
    }
  }

  private func draw(
    _ answer: ImageAnswers.Answer, _ answers: ImageAnswers, bars: Int, in area: Rect, on painter: inout Painter
  ) {
    let index = lanes.firstIndex { $0.name == answer.lane } ?? 0
    func words(_ probabilities: [Double]) -> (text: String, isRight: Bool) {
      guard let best = probabilities.indices.max(by: { probabilities[$0] < probabilities[$1] }) else {
        return ("", false)
      }
      let name = answers.classes.indices.contains(best) ? answers.classes[best] : "\(best)"
      return (
        "\(truncated(name, width: 12)) \(NumberFormat.percent(probabilities[best], decimals: 0))", best == answers.label
      )
    }
    func piece(_ probabilities: [Double]) -> StyledText {
      let (text, isRight) = words(probabilities)
      return painter.piece(text, answers.label == nil ? .strong : isRight ? .good : .bad)
    }
    var line = [
      StyledText(Figure.left(Figure.name(answer.lane, 9), 9) + " ", painter.style(lane: index, .bold)),
      piece(answer.probabilities),
    ]
    if let latent = answer.latentProbabilities, area.width >= 36 {
      line += [painter.piece("  latent ", .faint), piece(latent)]
    }
    painter.frame.text(line, x: area.x, y: area.y, maxWidth: area.width)
    guard bars > 0 else { return }
    // In the classes' order, so that the bars of lanes can be compared; of many classes the most probable ones.
    var shown = Array(answer.probabilities.indices)
    if shown.count > bars {
      let latent = answer.latentProbabilities
      func greatest(_ place: Int) -> Double { max(answer.probabilities[place], latent?[place] ?? 0) }
      shown = shown.sorted { greatest($0) > greatest($1) }.prefix(bars).sorted()
    }
    BarChart(
      shown.map { place in
        let name = answers.classes.indices.contains(place) ? answers.classes[place] : "\(place)"
        return BarChart.Bar(truncated(name, width: 10), answer.probabilities[place], text: "")
      }, color: painter.calmColor(lane: index), full: 1
    ).render(
      into: &painter.frame,
      area: Rect(x: area.x, y: area.y + 1, width: min(area.width, 40), height: min(bars, area.height - 1)),
      theme: painter.theme, glyphs: painter.glyphs)
  }
}
