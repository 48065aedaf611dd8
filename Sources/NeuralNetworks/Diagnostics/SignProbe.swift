internal import Tensors
internal import TrainingMetrics

/// Measures the signs of a network in a forward pass with running statistics.
final class SignProbe: ForwardObserver {
  /// The figures of each layer's signs, by the layer's name.
  private(set) var activations: [String: LayerDiagnostics.Activations] = [:]

  func willRun(_ layer: any Layer, _ input: Activations) {
    guard let (map, estimator) = signs(of: layer, input) else { return }
    var activity = ColumnActivity(columns: input.tensor.columns)
    activity.add(input.tensor, map, window: estimator.reach ?? .infinity)
    activations[layer.name] = LayerDiagnostics.Activations(activity, hasWindow: estimator.reach != nil)
  }
}

/// Reads the number that determines one sign of a layer, in a forward pass with running statistics: the sign's input minus its
/// threshold.
package final class SignInputProbe: ForwardObserver {
  private let layer: String
  private let row: Int
  private let column: Int
  /// The number; nil before the pass, and if the layer computes no signs.
  package private(set) var value: Float?

  /// A probe of a layer's output in a row and a column.
  package init(layer: String, row: Int, column: Int) { (self.layer, self.row, self.column) = (layer, row, column) }

  package func willRun(_ layer: any Layer, _ input: Activations) {
    guard layer.name == self.layer, let map = signs(of: layer, input)?.map else { return }
    value = (input.tensor[row, column] - map.center[column]) * map.factor[column] + map.shift[column]
  }
}

// The map from a layer's input to the numbers whose signs it computes, and the estimator of these signs; nil if it computes none.
private func signs(of layer: any Layer, _ input: Activations) -> (map: ColumnMap, estimator: SignEstimator)? {
  switch layer {
  case let layer as BatchNormalization where layer.activation == .sign: return (layer.runningMap, layer.estimator)
  case let layer as SignActivation: return (.identity(columns: input.tensor.columns), layer.estimator)
  case let layer as RSign:
    var map = ColumnMap.identity(columns: input.tensor.columns)
    map.center = layer.threshold.value.values
    return (map, layer.estimator)
  default: return nil
  }
}

extension LayerDiagnostics.Activations {
  /// The figures of signs of y.
  fileprivate init(_ activity: ColumnActivity, hasWindow: Bool) {
    let (rows, units) = (Double(max(1, activity.rows)), activity.negatives.count)
    let shares = activity.negatives.map { 1 - Double($0) / rows }
    func mean(_ value: ((mean: Double, variance: Double)) -> Double) -> Double {
      activity.moments.reduce(0) { $0 + value($1) } / Double(max(1, units))
    }
    self.init(
      units: units, plusShare: shares.reduce(0, +) / Double(max(1, units)),
      deadShare: Double(shares.count { $0 < 0.01 || $0 > 0.99 }) / Double(max(1, units)),
      closedShare: hasWindow ? Double(activity.beyond) / (rows * Double(max(1, units))) : nil,
      degeneration: mean { max(0, $0.mean * $0.mean - $0.variance) },
      saturation: mean { square(max(0, $0.variance.squareRoot() - 4)) },
      mismatch: mean { square(max(0, 2 - abs($0.mean) - $0.variance.squareRoot())) })
  }
}

private func square(_ value: Double) -> Double { value * value }
