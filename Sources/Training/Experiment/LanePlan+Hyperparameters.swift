package import EngineProtocol
import NeuralNetworks
import Tensors

extension LanePlan {
  /// The hyperparameters that the lane has, with their values after `epoch` epochs.
  package func settings(atEpoch epoch: Double = 0) -> [HyperparameterSetting] {
    Hyperparameter.allCases.compactMap { hyperparameter in
      value(of: hyperparameter, atEpoch: epoch).map { HyperparameterSetting(hyperparameter, $0) }
    }
  }

  /// The value of a hyperparameter after `epoch` epochs; nil where the lane does not have it.
  package func value(of hyperparameter: Hyperparameter, atEpoch epoch: Double = 0) -> HyperparameterValue? {
    switch hyperparameter {
    case .learningRate: .number(schedule.rate(atEpoch: epoch, of: epochs))
    case .finalLearningRate:
      schedule.kind == .exponential || schedule.kind == .cosine ? .number(schedule.finalRate) : nil
    case .momentum: optimizer.kind == .sgd ? .float(optimizer.momentum) : nil
    case .beta1: optimizer.kind != .sgd ? .float(optimizer.beta1) : nil
    case .beta2: optimizer.kind != .sgd ? .float(optimizer.beta2) : nil
    case .gamma: optimizer.gamma.map { .float($0) }
    case .flipThreshold: optimizer.flipThreshold.map { .float($0) }
    case .weightDecay: .float(optimizer.weightDecay)
    case .inputDropout: .float(network.inputDropout)
    case .dropout: .float(network.dropout)
    case .labelSmoothing: loss == .crossEntropy ? .float(labelSmoothing ?? 0) : nil
    case .distillationWeight: distillation.map { .float($0.weight) }
    case .distillationTemperature: distillation.map { .float($0.temperature) }
    case .batchSize: .number(Double(batchSize))
    case .clipValue: clipsLatentWeights ? .float(optimizer.clipValue) : nil
    case .steWindow: network.hasSigns && network.ste ?? .ste == .ste ? .float(network.steWindow) : nil
    case .binarization: canDraw ? .word(binarization.rawValue) : nil
    case .activations: network.hasDrawableSigns ? .word((activations ?? .deterministic).rawValue) : nil
    case .binaryWeightsFrom: canStage ? .number(Double(binaryWeightsFrom ?? 0)) : nil
    case .batchNormalizationMomentum: network.batchNormalization.map { .float($0.momentum) }
    case .epochs: .number(Double(epochs))
    }
  }

  /// Gives a hyperparameter a new value after `epoch` epochs.
  /// - Throws: `RefusedSetting` where the lane does not have it, or the value can't hold now.
  package mutating func set(
    _ hyperparameter: Hyperparameter, to value: HyperparameterValue, atEpoch epoch: Double = 0
  ) throws {
    guard self.value(of: hyperparameter) != nil else {
      throw RefusedSetting(
        reason:
          "lane \(name) (\(methodDescription), \(optimizer.kind.rawValue)) has no \(hyperparameter.specification.title)"
      )
    }
    do { try hyperparameter.validate(value) } catch { throw RefusedSetting(reason: "\(error)") }
    switch (hyperparameter, value) {
    case (.clipValue, .number(let number)) where number <= ternaryThreshold:
      throw RefusedSetting(
        reason: "clip: expected more than \(ternaryThreshold), below which ternary weights are 0, found \(value)")
    case (.binarization, .word(let word)):
      binarization = Binarization(rawValue: word) ?? binarization
    case (.activations, .word(let word)):
      activations = Binarization(rawValue: word) == .stochastic ? .stochastic : nil
    case (.epochs, .number(let number)):
      guard number >= epoch.rounded(.up) else {
        throw RefusedSetting(
          reason: "epochs: expected at least \(Int(epoch.rounded(.up))), the epoch lane \(name) is in, found \(value)")
      }
      epochs = Int(number)
    case (_, .number(let number)):
      setNumber(hyperparameter, number, atEpoch: epoch)
    case (_, .word):
      throw RefusedSetting(reason: "\(hyperparameter.rawValue): expected \(hyperparameter.expectation), found \(value)")
    }
  }

  /// Gives numbers that have no effect here their defaults: what stands in the defaults of an experiment is for the lanes
  /// that have it, and is not written with the others.
  mutating func forgetUnusedNumbers() {
    let usual = Optimizer(kind: optimizer.kind)
    if optimizer.kind != .sgd { optimizer.momentum = usual.momentum }
    if optimizer.kind == .sgd { (optimizer.beta1, optimizer.beta2) = (usual.beta1, usual.beta2) }
    if value(of: .clipValue) == nil { optimizer.clipValue = usual.clipValue }
    if value(of: .steWindow) == nil { network.steWindow = 1 }
    if value(of: .finalLearningRate) == nil { schedule.finalRate = schedule.anchor.rate / 1000 }
  }

  // Where it is a number of its own: clipped to it, all weights would be 0.
  private var ternaryThreshold: Double {
    if case .ternary(.fixed(let threshold), _)? = network.quantization { Double("\(threshold)") ?? 0 } else { -1 }
  }

  private mutating func setNumber(_ hyperparameter: Hyperparameter, _ number: Double, atEpoch epoch: Double) {
    switch hyperparameter {
    case .learningRate: schedule.setRate(number, atEpoch: epoch)
    case .finalLearningRate: schedule.setFinalRate(number, atEpoch: epoch, of: epochs)
    case .momentum: optimizer.momentum = Float(number)
    case .beta1: optimizer.beta1 = Float(number)
    case .beta2: optimizer.beta2 = Float(number)
    case .gamma: optimizer.gamma = Float(number)
    case .flipThreshold: optimizer.flipThreshold = Float(number)
    case .weightDecay: optimizer.weightDecay = Float(number)
    case .inputDropout: network.inputDropout = Float(number)
    case .dropout: network.dropout = Float(number)
    case .labelSmoothing: labelSmoothing = Float(number)
    case .distillationWeight: distillation?.weight = Float(number)
    case .distillationTemperature: distillation?.temperature = Float(number)
    case .batchSize: batchSize = Int(number)
    case .clipValue: optimizer.clipValue = Float(number)
    case .steWindow: network.steWindow = Float(number)
    case .binaryWeightsFrom: binaryWeightsFrom = Int(number)
    case .batchNormalizationMomentum: network.batchNormalization?.momentum = Float(number)
    case .binarization, .activations, .epochs: break  // not plain numbers; set above
    }
  }
}

/// Why a hyperparameter was not set.
package struct RefusedSetting: Error, Sendable, CustomStringConvertible {
  /// The reason, in a sentence.
  package let reason: String
  package var description: String { reason }
}

extension HyperparameterValue {
  /// A float32 as the shortest decimal that reads back as it: 0.9, not 0.8999999761581421.
  static func float(_ value: Float) -> HyperparameterValue { .number(Double("\(value)") ?? Double(value)) }
}
