package import EngineProtocol
import NeuralNetworks

extension LanePlan {
  /// The hyperparameters that the lane has, with their values after `epoch` epochs.
  package func settings(atEpoch epoch: Double = 0) -> [HyperparameterSetting] {
    LaneKey.knobs(of: self).compactMap { key in
      key.value(self, epoch).map { HyperparameterSetting(Hyperparameter(named: key.name), $0) }
    }
  }

  /// The value of a hyperparameter after `epoch` epochs; nil where the lane does not have it.
  package func value(of hyperparameter: Hyperparameter, atEpoch epoch: Double = 0) -> HyperparameterValue? {
    guard let key = LaneKey.named(hyperparameter.rawValue), key.isKnob, key.obstacle(self) == nil else { return nil }
    return key.value(self, epoch)
  }

  /// Gives a hyperparameter a new value after `epoch` epochs.
  /// - Throws: `RefusedSetting` where the lane does not have it, or the value can't hold now.
  package mutating func set(
    _ hyperparameter: Hyperparameter, to value: HyperparameterValue, atEpoch epoch: Double = 0
  ) throws {
    let title = hyperparameter.specification.title
    guard let key = LaneKey.named(hyperparameter.rawValue), self.value(of: hyperparameter) != nil else {
      throw RefusedSetting(
        reason: "lane \(name) (\(methodDescription), \(optimizer.kind.rawValue)) has no \(title)")
    }
    do { try hyperparameter.validate(value) } catch { throw RefusedSetting(reason: "\(error)") }
    var changed = self
    try key.set(&changed, value, epoch)
    if let fault = method.fault(changed.network.options, changed.optimizer) {
      throw RefusedSetting(
        reason: "\(title): \(fault.key) takes \(fault.expected), and \(value) leaves no room for its value")
    }
    self = changed
  }
}

/// Why a hyperparameter was not set.
package struct RefusedSetting: Error, Sendable, CustomStringConvertible {
  /// The reason, in a sentence.
  package let reason: String
  package var description: String { reason }
}
