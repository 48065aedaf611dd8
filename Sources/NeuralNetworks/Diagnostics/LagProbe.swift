private import Foundation
private import Tensors
internal import TrainingMetrics

/// Measures how far the running statistics of batch normalizations lag behind those of a batch, in a forward pass that
/// normalizes with the batch's statistics.
final class LagProbe: ForwardObserver {
  /// The lag of each normalization, by its name.
  private(set) var lags: [String: LayerDiagnostics.Lag] = [:]

  func willRun(_ layer: any Layer, _ input: Activations) {
    guard let layer = layer as? BatchNormalization else { return }
    let tensor = input.tensor
    var activity = ColumnActivity(columns: tensor.columns)
    // Sums of the differences from the running mean, so that no precision is lost for columns with a large mean.
    var differences = ColumnMap.identity(columns: tensor.columns)
    differences.center = layer.runningMean.values
    activity.add(tensor, differences, window: .infinity)
    let epsilon = Double(layer.numbers.epsilon)
    let divergences = zip(activity.moments, layer.runningVariance.values).map { batch, running -> Double in
      let (first, second) = (batch.variance + epsilon, Double(running) + epsilon)
      return log(second / first) / 2 + (first + batch.mean * batch.mean) / (2 * second) - 0.5
    }
    lags[layer.name] = LayerDiagnostics.Lag(
      mean: divergences.reduce(0, +) / Double(max(1, divergences.count)), maximum: divergences.max() ?? 0)
  }
}
