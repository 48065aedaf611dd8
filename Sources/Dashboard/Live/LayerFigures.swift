import TerminalUI
import TrainingMetrics

/// A figure of a layer.
package enum LayerFigure: String, CaseIterable, Hashable, Sendable {
  case plus, entropy, alignment, clipped, tails, unflipped, kernels, deadUnits, closed, saturation, mismatch, lag
  case largestLag, gradient

  /// Its title.
  var title: String {
    switch self {
    case .plus: "+1"
    case .entropy: "entropy"
    case .alignment: "cos θ"
    case .clipped: "at clip"
    case .tails: "in tails"
    case .unflipped: "unflipped"
    case .kernels: "kernels"
    case .deadUnits: "dead units"
    case .closed: "closed"
    case .saturation: "saturation"
    case .mismatch: "mismatch"
    case .lag: "lag"
    case .largestLag: "largest lag"
    case .gradient: "gradient"
    }
  }

  /// What it tells.
  var words: String {
    switch self {
    case .plus: "half is balance"
    case .entropy: "by row: at most 0.693; 0 says nothing"
    case .alignment: "latent and sign: 0.798 is Gaussian"
    case .clipped: "latent weights that only move inwards"
    case .tails: "so large that they hardly flip again"
    case .unflipped: "weights that have their first sign"
    case .kernels: "different 3×3 patterns of signs"
    case .deadUnits: "one sign for all images: say nothing"
    case .closed: "beyond the window: no gradient passes"
    case .saturation: "inputs far beyond the window"
    case .mismatch: "so near 0 that the gradient misleads"
    case .lag: "above 0.25 the validation is worse"
    case .largestLag: "of a channel"
    case .gradient: "a layer with 0 does not learn"
    }
  }

  /// Whether it is a share, 0...1.
  var isShare: Bool {
    switch self {
    case .plus, .clipped, .tails, .unflipped, .deadUnits, .closed: true
    case .entropy, .alignment, .kernels, .saturation, .mismatch, .lag, .largestLag, .gradient: false
    }
  }

  /// Its value in a layer; nil if the layer has none.
  func value(_ layer: LayerDiagnostics) -> Double? {
    switch self {
    case .plus: layer.weights?.plusShare ?? layer.activations?.plusShare
    case .entropy: layer.weights?.meanEntropy
    case .alignment: layer.weights?.alignment
    case .clipped: layer.weights?.clippedShare
    case .tails: layer.weights?.deadShare
    case .unflipped: layer.weights?.neverFlippedShare
    case .kernels: (layer.weights?.kernels?.distinctUpToInversion).map(Double.init)
    case .deadUnits: layer.activations?.deadShare
    case .closed: layer.activations?.closedShare
    case .saturation: layer.activations?.saturation
    case .mismatch: layer.activations?.mismatch
    case .lag: layer.lag?.mean
    case .largestLag: layer.lag?.maximum
    case .gradient: layer.gradientNorm
    }
  }
}

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

  /// A figure's value; nil if the layer has none.
  func value(_ figure: LayerFigure) -> Value? {
    switch figure {
    case .plus: plus
    case .entropy: entropy
    case .alignment: alignment
    case .clipped: clipped
    case .tails: deadWeights
    case .unflipped: neverFlipped
    case .kernels: kernels
    case .deadUnits: deadUnits
    case .closed: closed
    case .lag: lag
    case .gradient: gradient
    case .saturation, .mismatch, .largestLag:
      figure.value(layer).map { Value(text: NumberFormat.significant($0, digits: 3), role: .text) }
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

  private var rows: [(figure: LayerFigure, value: Figures.Value)] {
    let figures = Figures(layer)
    return LayerFigure.allCases.compactMap { figure in figures.value(figure).map { (figure, $0) } }
  }

  /// The number of lines.
  var count: Int { rows.count }

  func draw(in area: Rect, on painter: inout Painter) {
    let showsCourse = area.width >= 44
    let showsWords = area.width >= 60
    for (line, (figure, value)) in rows.prefix(max(0, area.height)).enumerated() {
      let y = area.y + line
      painter.text(figure.title, x: area.x, y: y, .faint, maxWidth: 11)
      painter.frame.text(
        value.text, endingAt: area.x + min(21, area.width), y: y,
        style: painter.style(value.role, value.role == .text ? [] : .bold))
      let width = area.width >= 100 ? 24 : 12
      if showsCourse {
        let values = course.map { figure.value($0) ?? .nan }
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
        painter.text(figure.words, x: x, y: y, .faint, maxWidth: area.maxX - x)
      }
    }
  }
}
