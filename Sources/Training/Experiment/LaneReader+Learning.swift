import EngineProtocol
import NeuralNetworks
import Tensors

// How a lane learns, beside its optimizer.

extension LaneReader {
  /// Reads the keys of the loss, of the normalization's kind, of the stages and of a teacher.
  /// - Throws: `ExperimentError`.
  func readLearning(_ lane: YAMLSection, into plan: inout LanePlan) throws {
    let smoothing = try number(.labelSmoothing, lane) ?? 0
    let kind: BatchNormalizationNumbers.Kind? = try lane.choice("batchNormalizationKind")
    plan.network.batchNormalization?.kind = kind == .standard ? nil : kind
    let epochs = try number(.binaryWeightsFrom, lane) ?? 0
    plan.binaryWeightsFrom = plan.canStage ? Int(epochs) : nil
    plan.distillation = try readDistillation(lane)
    plan.labelSmoothing = plan.loss == .crossEntropy ? Float(smoothing) : nil
  }

  // The mapping says from whom; its numbers may stand beside it by their own names, as `--set` and the live screen have them.
  private func readDistillation(_ lane: YAMLSection) throws -> Distillation? {
    let numbers: [(Hyperparameter, short: String)] = [
      (.distillationWeight, "weight"), (.distillationTemperature, "temperature"),
    ]
    let own = try numbers.map { try number($0.0, lane) }
    guard let keys = try lane.section("distillation") else { return nil }
    guard let teacher = try keys.string("from") else {
      throw keys.wrong("from", expected: "the name of the lane to learn from")
    }
    // What stands in the defaults is for the others.
    if teacher == name, !section.hasOwn("distillation") { return nil }
    let values = try zip(numbers, own).map { key, own -> Float? in
      let value = try keys.number(key.short, in: key.0.specification.range)
      guard own == nil || value == nil || !section.hasOwn(key.0.rawValue) || !section.hasOwn("distillation") else {
        throw keys.wrong(key.short, expected: "no such key beside \(key.0.rawValue)", code: .unknownKey)
      }
      // The lane's own mapping goes before a number that stands in the defaults.
      let isDefault =
        !section.hasOwn(key.0.rawValue) && lane.owner(of: key.0.rawValue) === section.owner(of: key.0.rawValue)
      let isOwnMapping = section.hasOwn("distillation")
      return (isDefault && isOwnMapping ? value ?? own : own ?? value).map { Float($0) }
    }
    try keys.checkForUnknownKeys()
    var distillation = Distillation(teacher: teacher)
    distillation.weight = values[0] ?? distillation.weight
    distillation.temperature = values[1] ?? distillation.temperature
    return distillation
  }

  /// The keys of these that do nothing in a lane, with the reason.
  func learningKeysWithoutEffect(_ plan: LanePlan) -> [(String, String)] {
    var missing: [(String, String)] = []
    if plan.network.batchNormalization == nil {
      missing.append(("batchNormalizationKind", "it has no batch normalization"))
    }
    if !plan.canStage { missing.append(("binaryWeightsFrom", "it has no latent weights that are used as they are")) }
    if plan.distillation == nil {
      for key in [Hyperparameter.distillationWeight, .distillationTemperature] {
        missing.append((key.rawValue, "it learns from no other lane"))
      }
    }
    if plan.loss != .crossEntropy { missing.append(("labelSmoothing", "only crossEntropy has targets to smooth")) }
    return missing
  }
}
