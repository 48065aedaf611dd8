import EngineProtocol
package import Sweeps
import TrainingMetrics

/// A self-contained HTML page about a sweep: settings over their seeds, comparisons, and curves.
package struct SweepPage: Sendable {
  /// The results.
  package let results: SweepResults
  /// The test accuracies of the chosen setting.
  package let tests: [SweepResults.Test]

  /// A page about the results of a sweep.
  package init(_ results: SweepResults, tests: [SweepResults.Test]) { (self.results, self.tests) = (results, tests) }

  private var survey: SweepSurvey { results.survey }
  private var definition: SweepDefinition { survey.directory.definition }
  private var isShare: Bool { definition.objective.measure.isMaximized }

  // The page of a large sweep stays readable; the table of all trials is in the CSV.
  private static let mostRows = 50
  private static let mostCurves = 6

  /// Returns the page as text, well-formed XML.
  package func html() -> String {
    let head = HTML.element(
      "head", [],
      [
        .element("meta", [("charset", "utf-8")]),
        .element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
        .element("title", text: "\(definition.name) – sweep – signflip"),
        .element("style", [], [HTML(markup: SVGStyle.sheet)]),
      ])
    let parts: [(String, HTML?)] = [
      ("Result", result()), ("Settings", settings()), ("Lanes of the chosen setting", lanes()), ("Methods", methods()),
      ("Objective against parameters", scatters()), ("Curves", curves()), ("Best so far", bestSoFar()),
      ("Trials that failed", failures()),
    ]
    let sections = parts.compactMap { title, content in
      content.map { HTML.element("section", [], [.element("h2", text: title), $0]) }
    }
    let page = HTML.element("html", [("lang", "en")], [head, .element("body", [], [heading()] + sections)])
    return "<!DOCTYPE html>\n\(page.markup)\n"
  }

  private func heading() -> HTML {
    let counts = TrialState.allCases.compactMap { state in
      let count = survey.count(state)
      return count > 0 ? "\(count) \(state.rawValue)" : nil
    }
    let facts = [
      ("experiment", definition.experimentName), ("search", definition.search.rawValue),
      ("objective", definition.objective.text), ("trials", counts.joined(separator: ", ")),
      ("seeds", "\(definition.seeds.count)"), ("epochs trained", Figure.count(survey.epochsTrained)),
      ("training", Figure.duration(survey.secondsTrained)),
      ("started", Figure.moment(survey.directory.startedAt) + " UTC"),
    ]
    return .element(
      "header", [],
      [
        .element("h1", text: definition.name),
        .element(
          "p", [("class", "facts")], facts.map { .element("span", [], [HTML("\($0.0) "), .element("b", text: $0.1)]) }),
      ])
  }

  // MARK: Tables

  private func result() -> HTML {
    guard let chosen = results.chosen, let statistics = chosen.statistics else {
      return .element("p", text: "No trial was trained to its end.")
    }
    let tried = Set(survey.standings.filter { $0.record?.starts ?? 0 > 0 }.map(\.trial.setting)).count
    let trials = survey.standings.filter { $0.record?.starts ?? 0 > 0 }.count
    var sentences = [
      "Chosen by \(definition.objective.text) on the validation images: \(chosen.words). "
        + "\(spread(statistics)) over \(statistics.count) \(statistics.count == 1 ? "seed" : "seeds").",
      "\(tried) \(tried == 1 ? "setting was" : "settings were") tried in \(trials) trials. The best of many is partly luck: its value on the validation images is "
        + "too optimistic, so the test images were used once, for the chosen setting only.",
    ]
    for test in tests {
      guard let statistics = SeedStatistics(test.accuracy.sorted { $0.key < $1.key }.map(\.value)) else { continue }
      sentences.append("Test accuracy of \(test.lane): \(spread(statistics, isShare: true)).")
    }
    if let count = chosen.statistics?.count, count < 5 {
      sentences.append("Fewer than 5 seeds: the interval says little about other seeds.")
    }
    return .element("div", [], sentences.map { .element("p", text: $0) })
  }

  private func settings() -> HTML? {
    guard !results.ranking.isEmpty else { return nil }
    let rows = results.ranking.prefix(Self.mostRows).map(row)
    let titles =
      ["setting"] + definition.parameters.map(\.name) + [
        "seeds", "mean", "deviation", "95 % interval", "difference to the chosen, same seeds",
      ]
    let numbers = Set(0..<titles.count)
    let more = results.ranking.count - rows.count
    let note =
      "Mean, sample standard deviation, and bootstrap interval of \(definition.objective.text) over seeds."
      + (more > 0 ? " \(more) more settings are in the CSV." : "")
    return .element(
      "div", [("class", "wide")], [.element("p", class: "note", text: note), .table(titles, numbers: numbers, rows)])
  }

  private func row(_ setting: SweepResults.Setting) -> [HTML] {
    let statistics = setting.statistics
    var cells = ["\(setting.number)"]
    for parameter in definition.parameters {
      cells.append(setting.values.first { $0.name == parameter.name }?.value ?? "–")
    }
    cells.append("\(setting.objective.count) of \(definition.seeds.count)")
    cells.append(statistics.map { value($0.mean) } ?? "–")
    cells.append(statistics?.standardDeviation.map { deviation($0) } ?? "–")
    cells.append(statistics?.interval.map { interval($0) } ?? "–")
    let isChosen = setting.number == results.chosen?.number
    cells.append(isChosen ? "chosen" : results.comparison(setting).map { difference($0) } ?? "–")
    return cells.map { HTML($0) }
  }

  private func lanes() -> HTML? {
    let lanes = results.laneComparisons
    guard lanes.count > 1 else { return nil }
    let rows = lanes.map { lane, statistics, comparison -> [HTML] in
      let cells: [String] = [
        lane, value(statistics.mean, isShare: true),
        statistics.standardDeviation.map { deviation($0, isShare: true) } ?? "–",
        statistics.interval.map { interval($0, isShare: true) } ?? "–",
        comparison.map { difference($0, isShare: true) } ?? "–",
      ]
      return cells.map { HTML($0) }
    }
    return .table(
      [
        "lane", "validation accuracy", "deviation", "95 % interval",
        "difference to \(definition.objective.lane), same seeds",
      ], numbers: [1, 2, 3, 4], rows)
  }

  private func methods() -> HTML? {
    let tables = definition.parameters.compactMap { parameter -> HTML? in
      let best = results.bestByValue(of: parameter)
      guard best.count > 1 else { return nil }
      let rows = best.map { text, setting -> [HTML] in
        let cells: [String] = [
          text, setting.statistics.map { value($0.mean) } ?? "–",
          results.comparison(setting).map { difference($0) } ?? "chosen", setting.words,
        ]
        return cells.map { HTML($0) }
      }
      return .table(
        [parameter.name, "best mean", "difference to the chosen, same seeds", "with"], numbers: [1, 2], rows)
    }
    return tables.isEmpty ? nil : .element("div", [], tables)
  }

  private func failures() -> HTML? {
    let rows = survey.standings.compactMap { standing -> [HTML]? in
      standing.record?.failure.map { [HTML("\(standing.trial.number)"), HTML(standing.trial.words), HTML($0)] }
    }
    return rows.isEmpty ? nil : .table(["trial", "values", "failure"], numbers: [0], Array(rows.prefix(Self.mostRows)))
  }

  // MARK: Charts

  private func scatters() -> HTML? {
    let figures = definition.parameters.compactMap { parameter -> HTML? in
      let points = survey.standings.compactMap { standing -> SVGScatter.Point? in
        guard let value = survey.objective(standing),
          let x = standing.trial.values.first(where: { $0.name == parameter.name }).flatMap({ Double($0.value) })
        else { return nil }
        return SVGScatter.Point(
          x: x, y: value, style: 0, title: "trial \(standing.trial.number): \(standing.trial.words)")
      }
      guard Set(points.map(\.x)).count > 1 else { return nil }
      let title = "\(definition.objective.text) against \(parameter.name)"
      return figure(title, SVGScatter(title: title, points: points, isShare: isShare).svg())
    }
    return figures.isEmpty ? nil : .element("div", [("class", "charts")], figures)
  }

  private func curves() -> HTML? {
    let shown = results.ranking.prefix(Self.mostCurves)
    let traces = shown.enumerated().map { place, setting in
      SVGChart.Trace(lane: place, samples: samples(of: setting))
    }
    let last = traces.flatMap(\.samples).map(\.step).max() ?? 0
    guard last > 0 else { return nil }
    let chart = SVGChart(
      title: "Validation accuracy of \(definition.objective.lane)", traces: traces, lastStep: last, isShare: true,
      horizontal: "epoch")
    let names = shown.enumerated().map { place, setting -> HTML in
      let line = HTML.element("path", [("class", "s c\(place % SVGStyle.count)"), ("d", "M0,4 26,4")])
      let sample = HTML.element("svg", [("viewBox", "0 0 26 8"), ("aria-hidden", "true")], [line])
      return .element("span", [("class", "key")], [sample, HTML(setting.words)])
    }
    let caption =
      [HTML.element("span", text: "Validation accuracy of \(definition.objective.lane)")] + names
      + [.element("span", class: "note", text: "mean and range over seeds")]
    return .element(
      "div", [("class", "charts")], [.element("figure", [], [.element("figcaption", [], caption), chart.svg()])])
  }

  private func samples(of setting: SweepResults.Setting) -> [SVGChart.Sample] {
    var values: [Int: [Double]] = [:]
    for standing in setting.trials where standing.state == .finished {
      for epoch in standing.record?.epochs[definition.objective.lane] ?? [] {
        values[epoch.epoch, default: []].append(epoch.validationAccuracy)
      }
    }
    return values.sorted { $0.key < $1.key }.map { epoch, values in
      SVGChart.Sample(
        step: Double(epoch), minimum: values.min() ?? .nan, mean: values.reduce(0, +) / Double(values.count),
        maximum: values.max() ?? .nan)
    }
  }

  private func bestSoFar() -> HTML? {
    var best: Double?
    let samples = survey.standings.compactMap { standing -> SVGChart.Sample? in
      guard let value = survey.objective(standing) else { return nil }
      if best.map({ definition.objective.isBetter(value, than: $0) }) ?? true { best = value }
      return best.map { SVGChart.Sample(step: Double(standing.trial.number), minimum: $0, mean: $0, maximum: $0) }
    }
    guard samples.count > 1, !definition.parameters.isEmpty else { return nil }
    let title = "Best \(definition.objective.text) of the trials so far"
    let chart = SVGChart(
      title: title, traces: [SVGChart.Trace(lane: 0, samples: samples)], lastStep: Double(survey.standings.count),
      mayBeLogarithmic: !isShare, isShare: isShare, horizontal: "trial")
    return .element("div", [("class", "charts")], [figure(title, chart.svg())])
  }

  private func figure(_ title: String, _ chart: HTML) -> HTML {
    .element("figure", [], [.element("figcaption", [], [.element("span", text: title)]), chart])
  }

  // MARK: Figures

  private func value(_ value: Double, isShare: Bool? = nil) -> String {
    isShare ?? self.isShare ? Figure.percent(value) : NumberFormat.loss(value)
  }

  // Deviations and differences of percentages are in percentage points.
  private func deviation(_ value: Double, isShare: Bool? = nil) -> String {
    isShare ?? self.isShare ? NumberFormat.fixed(value * 100, decimals: 3) : NumberFormat.loss(value)
  }

  private func interval(_ interval: SeedStatistics.Interval, isShare: Bool? = nil) -> String {
    "\(value(interval.lower, isShare: isShare)) … \(value(interval.upper, isShare: isShare))"
  }

  private func spread(_ statistics: SeedStatistics, isShare: Bool? = nil) -> String {
    let deviation = statistics.standardDeviation.map { " ± \(self.deviation($0, isShare: isShare))" } ?? ""
    let range = statistics.interval.map { ", 95 % bootstrap interval \(interval($0, isShare: isShare))" } ?? ""
    return value(statistics.mean, isShare: isShare) + deviation + range
  }

  private func difference(_ comparison: PairedComparison, isShare: Bool? = nil) -> String {
    let difference = comparison.difference
    let range = difference.interval.map {
      " [\(deviation($0.lower, isShare: isShare)), \(deviation($0.upper, isShare: isShare))]"
    }
    return deviation(difference.mean, isShare: isShare) + (range ?? "")
      + ", better in \(comparison.wins) of \(difference.count)"
  }
}
