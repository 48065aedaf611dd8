import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let parallel = Action("parallel")
}

/// Parallel coordinates: each trial is a line across the axes of all parameters and of the objective.
package struct ParallelView: SweepView {
  package static let tab = ViewTab(
    .parallel, key: .character("4"),
    help: "Parallel coordinates: a line for each trial across all parameters and the objective.")

  package init() {}

  package mutating func draw(in area: Rect, _ sweep: SweepModel, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    let snapshot = sweep.snapshot
    let trials = sweep.visible.map { snapshot.trials[$0] }.filter { $0.objective != nil && $0.state != .training }
    guard !trials.isEmpty else {
      return painter.centered([painter.piece("no trial has a value yet", .faint)], in: area.row(area.height / 2))
    }
    let isBoxed = area.height >= 10 && area.width >= 40
    if isBoxed {
      painter.frame.border(
        area, title: [painter.piece("parallel coordinates", .strong, .bold)],
        trailing: [
          painter.piece("\(trials.count) trials  ", .faint), painter.piece("best quarter", .good),
          painter.piece("  others  ", .faint), painter.piece("selected", .accent, .bold),
        ], style: painter.style(.border), glyphs: painter.glyphs)
    }
    // On a narrow screen as many parameters as have room, the most important first.
    let inner = isBoxed ? area.inset(left: 2, top: 1, right: 2, bottom: 1) : area
    let most = max(1, inner.width / 11 - 1)
    let important = snapshot.parameters.indices.sorted { first, second in
      let (a, b) = (share(first, snapshot), share(second, snapshot))
      return a == b ? first < second : a > b
    }
    let parameters = important.prefix(most).sorted()
    let axes = parameters.map { SweepAxis(parameter: $0, trials, sweep) } + [SweepAxis(objective: trials, snapshot)]
    let chart = ParallelChart(
      axes: axes.map(\.axis), lines: lines(trials, axes, sweep),
      styles: [
        painter.theme.bandStyle(painter.theme[.text]), painter.style(.good), painter.style(.accent, .bold),
      ])
    chart.render(into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
  }

  private func share(_ parameter: Int, _ sweep: SweepSnapshot) -> Double {
    sweep.importances.indices.contains(parameter) ? sweep.importances[parameter].share ?? -1 : -1
  }

  // The worst first, so that the best are on top of them, and the selected one on top of all.
  private func lines(
    _ trials: [SweepSnapshot.Trial], _ axes: [SweepAxis], _ sweep: SweepModel
  ) -> [ParallelChart.Line] {
    let objective = sweep.snapshot.objective
    let ranked = trials.indices.sorted { first, second in
      objective.isBetter(trials[second].objective ?? 0, than: trials[first].objective ?? 0)
    }
    let best = ranked.count - max(1, ranked.count / 4)
    let lines = ranked.enumerated().map { place, index in
      ParallelChart.Line(heights: axes.map { $0.heights[index] }, group: place >= best ? 1 : 0)
    }
    guard let selected = trials.firstIndex(where: { $0.number == sweep.selected }) else { return lines }
    return lines + [ParallelChart.Line(heights: axes.map { $0.heights[selected] }, group: 2)]
  }
}

/// An axis with the height of each trial on it.
private struct SweepAxis {
  var axis: ParallelChart.Axis
  var heights: [Double?]

  /// The axis of a parameter.
  init(parameter: Int, _ trials: [SweepSnapshot.Trial], _ sweep: SweepModel) {
    let name = sweep.snapshot.shortName(ofParameter: parameter)
    let positions = trials.map { sweep.position(of: $0, on: parameter) }
    switch sweep.axis(of: parameter) {
    case .categories(let words):
      func height(_ place: Double) -> Double { words.count > 1 ? place / Double(words.count - 1) : 0.5 }
      axis = .init(
        name: name, labels: words.enumerated().map { .init(height: height(Double($0.offset)), text: $0.element) })
      heights = positions.map { $0.isNaN ? nil : height($0) }
    case .numbers(let scale):
      (axis, heights) = Self.axis(name, positions, scale: scale) { NumberFormat.compact($0) }
    }
  }

  /// The axis of the objective.
  init(objective trials: [SweepSnapshot.Trial], _ sweep: SweepSnapshot) {
    (axis, heights) = Self.axis(
      sweep.objective.shortName, trials.map { $0.objective ?? .nan }, scale: .linear
    ) { sweep.objective.isMaximized ? NumberFormat.percent($0, decimals: 1) : NumberFormat.significant($0, digits: 3) }
  }

  private static func axis(
    _ name: String, _ values: [Double], scale: ChartScale, text: (Double) -> String
  ) -> (ParallelChart.Axis, [Double?]) {
    let projected = values.map { scale.project($0) }
    let finite = projected.filter(\.isFinite)
    let (least, most) = (finite.min() ?? 0, finite.max() ?? 1)
    let heights = projected.map { value in
      value.isFinite ? (most > least ? (value - least) / (most - least) : 0.5) : nil
    }
    let ends: [ParallelChart.Axis.Label] =
      most > least
      ? [.init(height: 0, text: text(scale.unproject(least))), .init(height: 1, text: text(scale.unproject(most)))]
      : [.init(height: 0.5, text: text(scale.unproject(least)))]
    return (ParallelChart.Axis(name: name, labels: ends), heights)
  }
}
