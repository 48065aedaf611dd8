import EngineProtocol
package import RunStore
import TrainingMetrics

/// A self-contained HTML page about a run: without scripts or external resources, for light and dark mode, and
/// printable.
///
/// Long series are reduced to the width of a chart (minimum, mean and maximum of each column), so that the page of a
/// run with a million points stays below 1 MB.
package struct ReportPage: Sendable {
  /// The run.
  package let history: RunHistory

  /// A page about a run.
  package init(_ history: RunHistory) { self.history = history }

  /// Returns the page as text. Everything from the history is escaped, and the page is well-formed XML.
  package func html() -> String {
    let curves = RunCurves(history)
    let tables = ReportTables(curves)
    let run = history.description
    let head = HTML.element(
      "head", [],
      [
        .element("meta", [("charset", "utf-8")]),
        .element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
        .element("title", text: "\(run.name) – signflip"),
        .element("style", [], [HTML(markup: SVGStyle.sheet)]),
      ])
    let body = [heading(tables)] + sections(curves, tables)
    let page = HTML.element("html", [("lang", "en")], [head, .element("body", [], body)])
    return "<!DOCTYPE html>\n\(page.markup)\n"
  }

  private func heading(_ tables: ReportTables) -> HTML {
    let run = history.description
    let facts = [
      ("data set", run.dataset), ("seed", String(run.seed)), ("state", tables.state),
      ("started", Figure.moment(run.startedAt) + " UTC"),
      (
        "images",
        [run.trainingCount, run.validationCount, run.testCount].map(Figure.count).joined(separator: " + ")
      ),
      ("run", run.id),
    ]
    return .element(
      "header", [],
      [
        .element("h1", text: run.name),
        .element(
          "p", [("class", "facts")],
          facts.filter { !$0.1.isEmpty }.map {
            .element("span", [], [HTML("\($0.0) "), .element("b", text: $0.1)])
          }),
      ])
  }

  private func sections(_ curves: RunCurves, _ tables: ReportTables) -> [HTML] {
    let parts: [(String, HTML?)] = [
      ("Lanes", tables.lanes()), ("Curves", charts(curves)), ("Binary layers at the last epoch", layers(curves)),
      ("Journal", tables.journal()), ("Checkpoints", tables.checkpoints()), ("Health", tables.health()),
      ("Environment", tables.environment()), ("SHA-256 of the best weights", tables.digests()),
    ]
    return parts.compactMap { title, content in
      content.map { .element("section", [], [.element("h2", text: title), $0]) }
    }
  }

  // MARK: Charts

  private func charts(_ curves: RunCurves) -> HTML? {
    let shown: [(Metric, String, note: String)] = [
      (.trainLoss, "Training loss", "mean and range"),
      (.validationLoss, "Validation loss", ""), (.validationAccuracy, "Validation accuracy", ""),
      (.flipRate, "Flip rate", "flips / weights of an update"), (.learningRate, "Learning rate", ""),
      (.gradientNorm, "Gradient norm", ""),
    ]
    let markers = curves.markers()
    let figures = shown.compactMap { metric, title, note -> HTML? in
      let traces = curves.traces(metric)
      if traces.isEmpty { return nil }
      let chart = SVGChart(
        title: title, traces: traces, markers: markers, lastStep: Double(curves.lastStep),
        mayBeLogarithmic: metric != .validationAccuracy, isShare: metric == .validationAccuracy)
      let lanes = Set(traces.map(\.lane)).sorted()
      var caption = [HTML.element("span", text: title)] + lanes.map { key($0, curves.lanes[$0]) }
      if traces.contains(where: \.isGhost) { caption.append(.element("span", class: "note", text: "faint: rewound")) }
      if !note.isEmpty { caption.append(.element("span", class: "note", text: note)) }
      return .element("figure", [], [.element("figcaption", [], caption), chart.svg()])
    }
    return figures.isEmpty ? nil : .element("div", [("class", "charts")], figures)
  }

  private func key(_ place: Int, _ name: String) -> HTML {
    let line = HTML.element("path", [("class", "s c\(place % SVGStyle.count)"), ("d", "M0,4 26,4")])
    let sample = HTML.element("svg", [("viewBox", "0 0 26 8"), ("aria-hidden", "true")], [line])
    return .element("span", [("class", "key")], [sample, HTML(name)])
  }

  private func layers(_ curves: RunCurves) -> HTML? {
    var figures: [HTML] = []
    for (place, lane) in curves.lanes.enumerated() {
      let branch = curves.newestBranch(of: lane)
      var last: LayerReport?
      for case .layers(let report) in history.events.map(\.event) where report.lane == lane {
        if report.branch == branch || last == nil { last = report }
      }
      for (flips, weights) in zip(last?.flips ?? [], last?.latentWeights ?? []) {
        let name = "\(lane) · \(flips.layer)"
        let flipBars = SVGBars(
          title: "\(name): weights by flips", counts: flips.weightsByFlips,
          ends: ("0 flips", "\(max(0, flips.weightsByFlips.count - 1)) or more"), lane: place, isLogarithmic: true)
        let weightBars = SVGBars(
          title: "\(name): latent weights", counts: weights.counts,
          ends: ("\(weights.lowerBound)", "\(weights.upperBound)"), lane: place)
        figures.append(figure(name, "latent weights", weightBars))
        figures.append(
          figure(name, "\(Figure.count(flips.totalFlips)) flips, log", flipBars))
      }
    }
    return figures.isEmpty ? nil : .element("div", [("class", "small")], figures)
  }

  private func figure(_ name: String, _ what: String, _ bars: SVGBars) -> HTML {
    let caption = [HTML.element("span", text: name), .element("span", class: "note", text: what)]
    return .element("figure", [], [.element("figcaption", [], caption), bars.svg()])
  }
}
