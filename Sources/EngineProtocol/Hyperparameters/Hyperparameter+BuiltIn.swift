extension Hyperparameter {
  /// The knobs of all lanes, in the order in which they are shown.
  static let builtIn: [(knob: Hyperparameter, specification: HyperparameterSpecification)] = [
    (
      .learningRate,
      .init(
        title: "learning rate", shortTitle: "lr", unit: "", range: 1e-9...10, scale: .logarithmic,
        summary: "The step size of updates; a schedule continues from here in proportion.")
    ),
    (
      .finalLearningRate,
      .init(
        title: "final rate", shortTitle: "final lr", unit: "", range: 1e-12...10, scale: .logarithmic,
        summary: "The learning rate at the end of a decaying schedule.")
    ),
    (
      .momentum,
      .init(
        title: "momentum", shortTitle: "mom", unit: "", range: 0...0.9999, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The momentum of SGD: the weight of the previous update.")
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
        summary: "The decay of the mean squared gradient in Adam, and of the largest gradient in AdaMax.")
    ),
    (
      .gamma,
      .init(
        title: "gamma", shortTitle: "γ", unit: "", range: 1e-8...1, scale: .logarithmic,
        summary: "The weight of a new gradient in Bop's moving average; with lower values signs flip later.")
    ),
    (
      .flipThreshold,
      .init(
        title: "flip threshold", shortTitle: "τ", unit: "", range: 0...1, scale: .logarithmic,
        summary: "Bop flips a sign if the moving average of its gradient exceeds this.")
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
        summary: "The dropout rate of the network's input.")
    ),
    (
      .dropout,
      .init(
        title: "dropout", shortTitle: "drop", unit: "", range: 0...0.95, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The dropout rate of hidden units.")
    ),
    (
      .labelSmoothing,
      .init(
        title: "smoothing", shortTitle: "smoothing", unit: "", range: 0...1, scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "Label smoothing: the fraction of the target spread evenly over all classes, in training only.")
    ),
    (
      .distillationWeight,
      .init(
        title: "teacher weight", shortTitle: "teacher", unit: "", range: 0...1,
        scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "The weight of the teacher's outputs in distillation; 0 learns from the labels alone.")
    ),
    (
      .distillationTemperature,
      .init(
        title: "teacher temp.", shortTitle: "T", unit: "", range: 0.1...100, scale: .linear(fine: 0.5, coarse: 2),
        summary: "The temperature of distillation; higher values emphasize the similarities of classes.")
    ),
    (
      .batchSize,
      .init(
        title: "batch", shortTitle: "batch", unit: "images", range: 2...4096, scale: .powerOfTwo,
        summary: "The number of images per update.")
    ),
    (
      .clipValue,
      .init(
        title: "clip", shortTitle: "clip", unit: "", range: 0.01...100, scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "Latent weights are clipped to this absolute value.")
    ),
    (
      .steWindow,
      .init(
        title: "STE window", shortTitle: "STE", unit: "", range: 0.01...100, scale: .linear(fine: 0.05, coarse: 0.25),
        summary: "The straight-through gradient passes the sign where |x| is at most this.")
    ),
    (
      .binarization,
      .init(
        title: "binarization", shortTitle: "bin", unit: "", range: 0...1,
        scale: .choice(["deterministic", "stochastic"]),
        summary: "deterministic: the sign of the latent weight; stochastic: +1 with probability (w + 1) / 2.")
    ),
    (
      .activations,
      .init(
        title: "activations", shortTitle: "act", unit: "", range: 0...1,
        scale: .choice(["deterministic", "stochastic"]),
        summary: "deterministic: the sign of the input; stochastic: +1 with probability (x + 1) / 2.")
    ),
    (
      .binaryWeightsFrom,
      .init(
        title: "binary from", shortTitle: "bin from", unit: "epochs", range: 0...100_000,
        scale: .integer(fine: 1, coarse: 10),
        summary:
          "The number of epochs with float weights before they become binary; activations are binary from the start.")
    ),
    (
      .batchNormalizationMomentum,
      .init(
        title: "BN momentum", shortTitle: "BN mom", unit: "", range: 0...0.9999,
        scale: .linear(fine: 0.01, coarse: 0.1),
        summary: "The weight of the old running statistics in batch normalization.")
    ),
    (
      .epochs,
      .init(
        title: "epochs", shortTitle: "epochs", unit: "epochs", range: 1...100_000, scale: .integer(fine: 1, coarse: 10),
        summary: "The number of epochs to train; a decaying schedule is stretched to fit.")
    ),
  ]
}
