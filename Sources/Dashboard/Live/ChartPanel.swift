import Glibc
import TerminalUI
package import TrainingMetrics

/// A chart of the screens `lanes` and `compare`: what it shows, and how large it is.
package struct ChartPanel: Hashable, Sendable {
  /// What it shows.
  package let quantity: ChartQuantity
  /// Its relative size, from 1 to `greatestWeight`; nil for the default.
  package let weight: Int?

  /// A chart of a quantity.
  package init(_ quantity: ChartQuantity, weight: Int? = nil) { (self.quantity, self.weight) = (quantity, weight) }

  /// The charts as long as the user has chosen none.
  package static let standard = [ChartPanel(.loss), ChartPanel(.accuracy)]
  /// The greatest number of charts.
  package static let most = 8
  /// The greatest relative size.
  package static let greatestWeight = 99

  /// The text that `parse` reads: `flipRate.hidden1:3`.
  package var text: String { quantity.name + (weight.map { ":\($0)" } ?? "") }

  /// A list as text.
  package static func text(_ panels: [ChartPanel]) -> String { panels.map(\.text).joined(separator: " ") }

  /// Reads a list of charts, in their order: `loss:2 accuracy flipRate.hidden1`, or with patterns of a shell: `flipRate.*`.
  /// - Parameter names: the names among which patterns choose.
  /// - Throws: `Mistake` with what was expected and what was found.
  package static func parse(_ text: String, among names: [String] = []) throws -> [ChartPanel] {
    let words = try expand(text.split { $0 == " " || $0 == "," }.map(String.init), names)
    if words.isEmpty || words == ["default"] { return standard }
    guard words.count <= most else {
      throw Mistake(description: "expected at most \(most) charts, found \(words.count)")
    }
    var panels: [ChartPanel] = []
    for word in words {
      let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let quantity = ChartQuantity(name: String(parts[0])) else {
        throw Mistake(
          description: "found “\(parts[0])”, expected \(ChartQuantity.names.joined(separator: ", ")), or "
            + "FIGURE.LAYER with " + LayerFigure.allCases.map(\.rawValue).joined(separator: ", "))
      }
      guard !panels.contains(where: { $0.quantity == quantity }) else {
        throw Mistake(description: "“\(quantity.name)” is there twice")
      }
      guard parts.count > 1 else {
        panels.append(ChartPanel(quantity))
        continue
      }
      guard let weight = Int(parts[1]), (1...greatestWeight).contains(weight) else {
        throw Mistake(
          description: "expected a size from 1 to \(greatestWeight) after “\(parts[0]):”, found “\(parts[1])”")
      }
      panels.append(ChartPanel(quantity, weight: weight))
    }
    return panels
  }

  // Replaces patterns by the names that match and are not in the list yet. A size counts for each of them.
  private static func expand(_ words: [String], _ names: [String]) throws -> [String] {
    var result: [String] = []
    var chosen = Set(words.map { $0.split(separator: ":", omittingEmptySubsequences: false)[0] })
    for word in words {
      guard word.contains(where: { "*?[".contains($0) }) else {
        result.append(word)
        continue
      }
      let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let matching = names.filter { fnmatch(String(parts[0]), $0, 0) == 0 }
      guard !matching.isEmpty else {
        throw Mistake(description: "“\(parts[0])” matches no name of these lanes; tab completes names")
      }
      let size = parts.count > 1 ? ":\(parts[1])" : ""
      result += matching.filter { chosen.insert(Substring($0)).inserted }.map { $0 + size }
    }
    return result
  }

  /// What is wrong with a list of charts.
  package struct Mistake: Error, CustomStringConvertible {
    package let description: String
  }
}

/// What a chart shows of a lane.
package enum ChartQuantity: Hashable, Sendable {
  /// Training and validation loss.
  case loss
  /// Validation accuracy, and the one with latent weights.
  case accuracy
  /// A recorded metric of the network or of a layer.
  case metric(MetricKey)
  /// A figure of a layer at the ends of epochs.
  case figure(LayerFigure, layer: String)

  /// The names of those that need no layer.
  package static let names =
    ["loss", "accuracy"] + Metric.allCases.filter { !$0.isOfEpochs && $0 != .trainLoss }.map(\.rawValue)

  /// The quantity of a name: a metric's, or a metric's or figure's and a layer's, `flipRate.hidden1`; nil if there is
  /// none.
  package init?(name: String) {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard let first = parts.first else { return nil }
    let layer = parts.count > 1 ? parts[1] : nil
    if layer == nil, first == "loss" {
      self = .loss
    } else if layer == nil, first == "accuracy" {
      self = .accuracy
    } else if let metric = Metric(rawValue: first), layer == nil || metric == .flipRate {
      self = .metric(MetricKey(metric, layer: layer))
    } else if let figure = LayerFigure(rawValue: first), let layer {
      self = .figure(figure, layer: layer)
    } else {
      return nil
    }
  }

  /// The name that `init(name:)` reads.
  package var name: String {
    switch self {
    case .loss: "loss"
    case .accuracy: "accuracy"
    case .metric(let key): key.metric.rawValue + (key.layer.map { "." + $0 } ?? "")
    case .figure(let figure, let layer): "\(figure.rawValue).\(layer)"
    }
  }

  /// The title of its chart.
  var title: String {
    switch self {
    case .loss: "loss"
    case .accuracy: "accuracy"
    case .metric(let key): key.metric.title + (key.layer.map { " \(Figures.shortName($0))" } ?? "")
    case .figure(let figure, let layer): "\(figure.title) \(Figures.shortName(layer))"
    }
  }

  /// The names of all quantities of some lanes, for completion.
  static func names(of lanes: [LaneModel]) -> [String] {
    var names = Self.names
    for lane in lanes {
      let layers = lane.series.keys.filter { $0.metric == .flipRate }.compactMap(\.layer).sorted()
      names += layers.map { ChartQuantity.metric(MetricKey(.flipRate, layer: $0)).name }
      for layer in lane.diagnostics.last?.layers ?? [] {
        names += LayerFigure.allCases.filter { $0.value(layer) != nil }.map { "\($0.rawValue).\(layer.name)" }
      }
    }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  // Whether values are shares.
  private var isShare: Bool {
    switch self {
    case .accuracy: true
    case .loss: false
    case .metric(let key): key.metric == .flipRate || key.metric == .validationAccuracy
    case .figure(let figure, _): figure.isShare
    }
  }

  /// A value as text.
  func text(_ value: Double?) -> String {
    guard let value else { return Figure.unknown }
    return isShare ? Figure.rate(value) : NumberFormat.significant(value, digits: 3)
  }

  /// The values of a lane, if they are one series.
  func series(of lane: LaneModel) -> MetricSeries {
    switch self {
    case .loss: return lane.series(.validationLoss)
    case .accuracy: return lane.series(.validationAccuracy)
    case .metric(let key): return lane.series(key.metric, layer: key.layer)
    case .figure(let figure, let layer):
      var series = MetricSeries()
      for epoch in lane.diagnostics {
        guard let value = epoch.layers.first(where: { $0.name == layer }).flatMap(figure.value) else { continue }
        series.append(MetricPoint(step: epoch.step, value: Float(value)))
      }
      return series
    }
  }

  /// A lane's line in a chart of this quantity, if it is one series, over the lines of undone branches.
  func lines(of lane: LaneModel, _ color: Color, _ theme: Theme, _ chart: ChartView) -> [ChartSeries] {
    guard case .metric(let key) = self else {
      return [ChartSeries(series(of: lane), color: color, showsBand: false)]
    }
    let smoothing = key.metric.isOfEpochs || key.metric == .learningRate ? 0 : chart.smoothing
    return lane.ghosts(key.metric, layer: key.layer, of: color, theme, smoothing: smoothing)
      + [ChartSeries(series(of: lane), color: color, smoothing: smoothing, showsBand: !key.metric.isOfEpochs)]
  }

  /// Gives a chart of this quantity its vertical axis.
  func setAxis(of result: inout LineChart, _ chart: ChartView) {
    result.yScale = chart.lossScale == .logarithmic ? .log : .linear
    result.yNote = chart.lossScale == .logarithmic ? "log" : ""
    if isShare {
      result.yUnit = .percent
      result.yLimits = 0...1
    }
    result.emptyText = "not measured yet, or not in this lane"
  }
}

extension Metric {
  /// A short name for titles of charts.
  var title: String {
    switch self {
    case .trainLoss: "training loss"
    case .validationLoss: "validation loss"
    case .validationAccuracy: "validation accuracy"
    case .learningRate: "learning rate"
    case .flipRate: "flips per weight"
    case .gradientNorm: "gradient norm"
    case .imagesPerSecond: "images/s"
    }
  }
}
