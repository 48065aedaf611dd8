extension Hyperparameter {
  /// The knobs of all lanes, in the order in which they are shown.
  static let builtIn: [(knob: Hyperparameter, specification: HyperparameterSpecification)] = [
    (
      .learningRate,
      .init(
        title: "learning rate", shortTitle: "lr", unit: "", range: 1e-9...10, scale: .logarithmic,
        summary: "The size of an update; the schedule goes on from here in proportion.")
    ),
    (
      .finalLearningRate,
      .init(
        title: "final rate", shortTitle: "final lr", unit: "", range: 1e-12...10, scale: .logarithmic,
        summary: "Where a decaying schedule ends.")
    ),
    (
      .momentum,
      .init(
        title: "momentum", shortTitle: "mom", unit: "", range: 0...0.9999, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "How much of the last update SGD repeats.")
    ),
    (
      .beta1,
      .init(
        title: "beta 1", shortTitle: "β1", unit: "", range: 0...0.9999, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The decay of the mean gradient in Adam and AdaMax.")
    ),
    (
      .beta2,
      .init(
        title: "beta 2", shortTitle: "β2", unit: "", range: 0...0.99999, scale: .linear(fine: 0.001, coarse: 0.01),
        summary: "The decay of Adam's mean squared gradient, of AdaMax's largest one.")
    ),
    (
      .gamma,
      .init(
        title: "gamma", shortTitle: "γ", unit: "", range: 1e-8...1, scale: .logarithmic,
        summary: "How much of a gradient Bop's moving mean takes up: less makes signs flip later.")
    ),
    (
      .flipThreshold,
      .init(
        title: "flip threshold", shortTitle: "τ", unit: "", range: 0...1, scale: .logarithmic,
        summary: "Bop flips a sign where the moving mean of its gradient is beyond this.")
    ),
    (
      .weightDecay,
      .init(
        title: "weight decay", shortTitle: "decay", unit: "", range: 0...1, scale: .logarithmic,
        summary: "Pulls weights towards zero; 0 turns it off.")
    ),
    (
      .inputDropout,
      .init(
        title: "input dropout", shortTitle: "drop in", unit: "", range: 0...0.95,
        scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The share of inputs set to zero in training.")
    ),
    (
      .dropout,
      .init(
        title: "dropout", shortTitle: "drop", unit: "", range: 0...0.95, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The share of hidden units set to zero in training.")
    ),
    (
      .labelSmoothing,
      .init(
        title: "smoothing", shortTitle: "smoothing", unit: "", range: 0...1, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The share of the target that all classes have alike in training; validation has none.")
    ),
    (
      .distillationWeight,
      .init(
        title: "teacher weight", shortTitle: "teacher", unit: "", range: 0...1,
        scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "How much the lane that is learned from counts beside the labels; 0 learns from labels alone.")
    ),
    (
      .distillationTemperature,
      .init(
        title: "teacher temp.", shortTitle: "T", unit: "", range: 0.1...100, scale: .linear(fine: 0.5, coarse: 2),
        summary: "How even the outputs are made before they are compared: more tells more of the wrong classes.")
    ),
    (
      .batchSize,
      .init(
        title: "batch", shortTitle: "batch", unit: "images", range: 2...4096, scale: .powerOfTwo,
        summary: "How many images an update is computed from.")
    ),
    (
      .clipValue,
      .init(
        title: "clip", shortTitle: "clip", unit: "", range: 0.01...100, scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "Latent weights stay within this distance of zero.")
    ),
    (
      .steWindow,
      .init(
        title: "STE window", shortTitle: "STE", unit: "", range: 0.01...100, scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "The gradient passes the sign where |x| is at most this.")
    ),
    (
      .binarization,
      .init(
        title: "binarization", shortTitle: "bin", unit: "", range: 0...1,
        scale: .choice(["deterministic", "stochastic"]),
        summary: "The sign of the latent weight, or a draw with probability (w + 1) / 2.")
    ),
    (
      .activations,
      .init(
        title: "activations", shortTitle: "act", unit: "", range: 0...1,
        scale: .choice(["deterministic", "stochastic"]),
        summary: "The sign of the activation, or a draw with probability (x + 1) / 2.")
    ),
    (
      .binaryWeightsFrom,
      .init(
        title: "binary from", shortTitle: "bin from", unit: "epochs", range: 0...100_000,
        scale: .integer(fine: 1, coarse: 10),
        summary: "Until so many epochs are done the weights are float, and the activations those of the method.")
    ),
    (
      .batchNormalizationMomentum,
      .init(
        title: "BN momentum", shortTitle: "BN mom", unit: "", range: 0...0.9999,
        scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "How much of the running statistics a batch leaves as they were.")
    ),
    (
      .epochs,
      .init(
        title: "epochs", shortTitle: "epochs", unit: "epochs", range: 1...100_000, scale: .integer(fine: 1, coarse: 10),
        summary: "How long the lane trains; a decaying schedule is stretched to fit.")
    ),
  ]
}
