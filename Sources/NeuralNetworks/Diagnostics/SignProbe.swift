internal import Tensors
internal import TrainingMetrics

/// Measures the signs of a network in a forward pass with running statistics.
final class SignProbe: ForwardObserver {
  /// The figures of each layer's signs, by the layer's name.
  private(set) var activations: [String: LayerDiagnostics.Activations] = [:]

  func willRun(_ layer: any Layer, _ input: Activations) {
    switch layer {
    case let layer as BatchNormalization where layer.activation == .sign:
      add(layer.name, input.tensor, layer.runningMap, layer.estimator)
    case let layer as SignActivation:
      add(layer.name, input.tensor, .identity(columns: input.tensor.columns), layer.estimator)
    case let layer as RSign:
      var map = ColumnMap.identity(columns: input.tensor.columns)
      map.center = layer.threshold.value.values
      add(layer.name, input.tensor, map, layer.estimator)
    default: break
    }
  }

  private func add(_ name: String, _ input: Tensor, _ map: ColumnMap, _ estimator: SignEstimator) {
    var activity = ColumnActivity(columns: input.columns)
    activity.add(input, map, window: estimator.reach ?? .infinity)
    activations[name] = LayerDiagnostics.Activations(activity, hasWindow: estimator.reach != nil)
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
