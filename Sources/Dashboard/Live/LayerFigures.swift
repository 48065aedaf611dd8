import TerminalUI
import TrainingMetrics

/// The figures of a layer as text, with a colour where one is conspicuous.
struct Figures {
  /// A figure.
  struct Value {
    let text: String
    let role: ThemeRole
  }

  let layer: LayerDiagnostics

  /// “hidden1.norm” for “hidden1.normalization”.
  static func shortName(_ name: String) -> String {
    guard let dot = name.lastIndex(of: "."), name.distance(from: dot, to: name.endIndex) > 6 else { return name }
    return String(name[...dot] + name[name.index(after: dot)...].prefix(4))
  }

  init(_ layer: LayerDiagnostics) { self.layer = layer }

  var plus: Value? {
    (layer.weights?.plusShare ?? layer.activations?.plusShare).map { share in
      Value(text: percent(share), role: layer.weights != nil && abs(share - 0.5) > 0.2 ? .warning : .text)
    }
  }
  var entropy: Value? {
    layer.weights.map { Value(text: number($0.meanEntropy), role: $0.meanEntropy < 0.5 ? .warning : .text) }
  }
  var alignment: Value? {
    layer.weights?.alignment.map { Value(text: number($0), role: $0 < 0.6 ? .warning : .text) }
  }
  var clipped: Value? {
    layer.weights?.clippedShare.map { Value(text: percent($0), role: $0 > 0.9 ? .warning : .text) }
  }
  var deadWeights: Value? { layer.weights?.deadShare.map { Value(text: percent($0), role: .text) } }
  var neverFlipped: Value? { layer.weights?.neverFlippedShare.map { Value(text: percent($0), role: .text) } }
  var kernels: Value? {
    layer.weights?.kernels.map { Value(text: "\($0.distinctUpToInversion) of \(min(256, $0.count))", role: .text) }
  }
  var deadUnits: Value? {
    layer.activations.map {
      Value(text: percent($0.deadShare), role: $0.deadShare > 0.25 ? .bad : $0.deadShare > 0.05 ? .warning : .text)
    }
  }
  var closed: Value? {
    layer.activations?.closedShare.map {
      Value(text: percent($0), role: $0 > 0.9 ? .bad : $0 > 0.6 ? .warning : .text)
    }
  }
  var lag: Value? {
    layer.lag.map { Value(text: number($0.mean), role: $0.mean > 1 ? .bad : $0.mean > 0.25 ? .warning : .text) }
  }
  var gradient: Value? {
    layer.gradientNorm.map {
      Value(text: NumberFormat.significant($0, digits: 3), role: $0 == 0 || !$0.isFinite ? .bad : .text)
    }
  }

  private func percent(_ share: Double) -> String { NumberFormat.percent(share, decimals: 1) }
  private func number(_ value: Double) -> String { NumberFormat.fixed(value, decimals: 3) }
}

/// All figures of a layer, a line each: its value, its course over the epochs, and what it tells.
struct FigureList {
  let layer: LayerDiagnostics
  let lane: Int
  /// The layer at the ends of epochs.
  let course: [LayerDiagnostics]

  private struct Row {
    let title: String
    let value: Figures.Value?
    let of: (LayerDiagnostics) -> Double?
    let words: String
  }

  private var rows: [Row] {
    let figures = Figures(layer)
    func number(_ value: Double?) -> Figures.Value? {
      value.map { Figures.Value(text: NumberFormat.significant($0, digits: 3), role: .text) }
    }
    let all = [
      Row(
        title: "+1", value: figures.plus, of: { $0.weights?.plusShare ?? $0.activations?.plusShare },
        words: "far from half: it has lost balance"),
      Row(
        title: "entropy", value: figures.entropy, of: { $0.weights?.meanEntropy },
        words: "by row: 0 says nothing, 0.693 is most"),
      Row(
        title: "cos θ", value: figures.alignment, of: { $0.weights?.alignment },
        words: "latent and sign: 0.798 is Gaussian"),
      Row(
        title: "at clip", value: figures.clipped, of: { $0.weights?.clippedShare },
        words: "latent weights that only move inwards"),
      Row(
        title: "in tails", value: figures.deadWeights, of: { $0.weights?.deadShare },
        words: "so large that they hardly flip again"),
      Row(
        title: "unflipped", value: figures.neverFlipped, of: { $0.weights?.neverFlippedShare },
        words: "weights that have their first sign"),
      Row(
        title: "kernels", value: figures.kernels, of: { ($0.weights?.kernels?.distinctUpToInversion).map(Double.init) },
        words: "different 3×3 patterns of signs"),
      Row(
        title: "dead units", value: figures.deadUnits, of: { $0.activations?.deadShare },
        words: "one sign for all images: say nothing"),
      Row(
        title: "closed", value: figures.closed, of: { $0.activations?.closedShare },
        words: "beyond the window: no gradient passes"),
      Row(
        title: "saturation", value: number(layer.activations?.saturation), of: { $0.activations?.saturation },
        words: "inputs far beyond the window"),
      Row(
        title: "mismatch", value: number(layer.activations?.mismatch), of: { $0.activations?.mismatch },
        words: "so near 0 that the gradient misleads"),
      Row(
        title: "lag", value: figures.lag, of: { $0.lag?.mean },
        words: "statistics behind: validation is worse"),
      Row(
        title: "largest lag", value: number(layer.lag?.maximum), of: { $0.lag?.maximum }, words: "of a channel"),
      Row(
        title: "gradient", value: figures.gradient, of: { $0.gradientNorm },
        words: "near 0: the layer does not learn"),
    ]
    return all.filter { $0.value != nil }
  }

  /// The number of lines.
  var count: Int { rows.count }

  func draw(in area: Rect, on painter: inout Painter) {
    let showsCourse = area.width >= 44
    let showsWords = area.width >= 60
    for (line, row) in rows.prefix(max(0, area.height)).enumerated() {
      let y = area.y + line
      painter.text(row.title, x: area.x, y: y, .faint, maxWidth: 11)
      if let value = row.value {
        painter.frame.text(
          value.text, endingAt: area.x + min(21, area.width), y: y,
          style: painter.style(value.role, value.role == .text ? [] : .bold))
      }
      let width = area.width >= 100 ? 24 : 12
      if showsCourse {
        let values = course.map { row.of($0) ?? .nan }
        let greatest = values.filter(\.isFinite).max() ?? 0
        Sparkline(
          values: values.suffix(width), color: painter.calmColor(lane: lane), lowest: 0,
          highest: greatest > 0 ? greatest * 1.2 : 1
        ).render(
          into: &painter.frame, area: Rect(x: area.x + 23, y: y, width: width, height: 1), theme: painter.theme,
          glyphs: painter.glyphs)
      }
      if showsWords {
        let x = area.x + 23 + width + 2
        painter.text(row.words, x: x, y: y, .faint, maxWidth: area.maxX - x)
      }
    }
  }
}
