extension Hyperparameter {
  /// The declared range, scale and unit.
  package var specification: HyperparameterSpecification {
    switch self {
    case .learningRate:
      .init(
        title: "learning rate", unit: "", range: 1e-9...10, scale: .logarithmic,
        summary: "The size of an update; the schedule goes on from here in proportion.")
    case .finalLearningRate:
      .init(
        title: "final rate", unit: "", range: 1e-12...10, scale: .logarithmic,
        summary: "Where a decaying schedule ends.")
    case .momentum:
      .init(
        title: "momentum", unit: "", range: 0...0.9999, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "How much of the last update SGD repeats.")
    case .beta1:
      .init(
        title: "beta 1", unit: "", range: 0...0.9999, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The decay of the mean gradient in Adam and AdaMax.")
    case .beta2:
      .init(
        title: "beta 2", unit: "", range: 0...0.99999, scale: .linear(fine: 0.001, coarse: 0.01),
        summary: "The decay of Adam's mean squared gradient, of AdaMax's largest one.")
    case .gamma:
      .init(
        title: "gamma", unit: "", range: 1e-8...1, scale: .logarithmic,
        summary: "How much of a gradient Bop's moving mean takes up: less makes signs flip later.")
    case .flipThreshold:
      .init(
        title: "flip threshold", unit: "", range: 0...1, scale: .logarithmic,
        summary: "Bop flips a sign where the moving mean of its gradient is beyond this.")
    case .weightDecay:
      .init(
        title: "weight decay", unit: "", range: 0...1, scale: .logarithmic,
        summary: "Pulls weights towards zero; 0 turns it off.")
    case .inputDropout:
      .init(
        title: "input dropout", unit: "", range: 0...0.95, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The share of inputs set to zero in training.")
    case .dropout:
      .init(
        title: "dropout", unit: "", range: 0...0.95, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The share of hidden units set to zero in training.")
    case .labelSmoothing:
      .init(
        title: "smoothing", unit: "", range: 0...1, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The share of the target that all classes have alike in training; validation has none.")
    case .distillationWeight:
      .init(
        title: "teacher weight", unit: "", range: 0...1, scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "How much the lane that is learned from counts beside the labels; 0 learns from labels alone.")
    case .distillationTemperature:
      .init(
        title: "teacher temp.", unit: "", range: 0.1...100, scale: .linear(fine: 0.5, coarse: 2),
        summary: "How even the outputs are made before they are compared: more tells more of the wrong classes.")
    case .batchSize:
      .init(
        title: "batch", unit: "images", range: 2...4096, scale: .powerOfTwo,
        summary: "How many images an update is computed from.")
    case .clipValue:
      .init(
        title: "clip", unit: "", range: 0.01...100, scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "Latent weights stay within this distance of zero.")
    case .steWindow:
      .init(
        title: "STE window", unit: "", range: 0.01...100, scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "The gradient passes the sign where |x| is at most this.")
    case .binarization:
      .init(
        title: "binarization", unit: "", range: 0...1, scale: .choice(["deterministic", "stochastic"]),
        summary: "The sign of the latent weight, or a draw with probability (w + 1) / 2.")
    case .activations:
      .init(
        title: "activations", unit: "", range: 0...1, scale: .choice(["deterministic", "stochastic"]),
        summary: "The sign of the activation, or a draw with probability (x + 1) / 2.")
    case .binaryWeightsFrom:
      .init(
        title: "binary from", unit: "epochs", range: 0...100_000, scale: .integer(fine: 1, coarse: 10),
        summary: "Until so many epochs are done the weights are float, and the activations those of the method.")
    case .batchNormalizationMomentum:
      .init(
        title: "BN momentum", unit: "", range: 0...0.9999, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "How much of the running statistics a batch leaves as they were.")
    case .epochs:
      .init(
        title: "epochs", unit: "epochs", range: 1...100_000, scale: .integer(fine: 1, coarse: 10),
        summary: "How long the lane trains; a decaying schedule is stretched to fit.")
    }
  }

  /// Reads `text` as a value of this hyperparameter.
  /// - Throws: `InvalidHyperparameterValue`, naming what was expected and found.
  package func parse(_ text: String) throws -> HyperparameterValue {
    if case .choice(let words) = specification.scale {
      guard words.contains(text) else { throw InvalidHyperparameterValue(self, found: "“\(text)”") }
      return .word(text)
    }
    guard let number = WrittenNumber.decimal(text) else { throw InvalidHyperparameterValue(self, found: "“\(text)”") }
    let value = HyperparameterValue.number(number)
    try validate(value)
    return value
  }

  /// Checks that `value` is of the right kind and within the declared range.
  /// - Throws: `InvalidHyperparameterValue`, naming what was expected and found.
  package func validate(_ value: HyperparameterValue) throws {
    let specification = specification
    switch (specification.scale, value) {
    case (.choice(let words), .word(let word)):
      if words.contains(word) { return }
    case (.choice, .number), (_, .word):
      break
    case (.integer, .number(let number)), (.powerOfTwo, .number(let number)):
      // Any whole number may be typed; the scale only says how the arrows step.
      if specification.range.contains(number), number == number.rounded() { return }
    case (_, .number(let number)):
      if specification.range.contains(number) { return }
    }
    throw InvalidHyperparameterValue(self, found: "\(value)")
  }

  /// What `validate` accepts, in words: “a number from 0 to 0.95”.
  package var expectation: String {
    let specification = specification
    let lower = HyperparameterValue.number(specification.range.lowerBound)
    let upper = HyperparameterValue.number(specification.range.upperBound)
    switch specification.scale {
    case .choice(let words): return words.joined(separator: " or ")
    case .integer, .powerOfTwo: return "a whole number from \(lower) to \(upper)"
    case .linear, .logarithmic: return "a number from \(lower) to \(upper)"
    }
  }
}

/// A value that a hyperparameter does not take.
package struct InvalidHyperparameterValue: Error, Sendable, CustomStringConvertible {
  /// The hyperparameter.
  package let hyperparameter: Hyperparameter
  /// The value found, as text.
  package let found: String

  init(_ hyperparameter: Hyperparameter, found: String) {
    self.hyperparameter = hyperparameter
    self.found = found
  }

  package var description: String {
    "\(hyperparameter.rawValue): expected \(hyperparameter.expectation), found \(found)"
  }
}
