internal import EngineProtocol
private import Tensors

extension Method {
  /// BinaryConnect: binary weights and ReLU activations.
  /// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363.
  package static let binaryConnect = Method(
    name: "binaryConnect", summary: "binary weights and ReLU",
    paper: "Courbariaux et al. 2015, arXiv:1511.00363", initialization: .unit, keys: [.binarization, .weightScale],
    wordsWithoutLatentWeights: "binary weights"
  ) { options in
    Form(
      words: "BinaryConnect, "
        + (options.has(.weightScale, "mean") ? "scaled weights" : "\(options[.binarization])"),
      weights: .plainSigns(options))
  }
}

extension MethodKey {
  /// How latent weights are binarized in training.
  package static let binarization = MethodKey(
    "binarization", .word("deterministic"), Hyperparameter.binarization.specification
  ) { plan, optimizer in
    optimizer.kind == .bop
      ? "Bop has no latent weights to draw from"
      : plan.options.has(.weightScale, "mean") ? "its weights are scaled" : nil
  }

  /// The scale of binary or ternary weights.
  ///
  /// `mean` is the mean absolute value of each row, which is constant with respect to the gradient. For ternary weights
  /// the mean is taken over the weights that are not 0.
  /// - SeeAlso: Liu et al. 2018, Bi-Real Net, arXiv:1808.00278, section 3.3; Li et al. 2016, arXiv:1605.04711, eq. 6.
  package static let weightScale = MethodKey(
    "weightScale", .choice(["none", "mean"]), .word("none"),
    "With mean, each row of binary or ternary weights is multiplied by the mean absolute value of its latent weights."
  ) { _, optimizer in
    optimizer.kind == .bop ? "Bop has no latent weights to compute the mean of" : nil
  }
}

extension Method.Weights {
  /// Plain signs, or signs scaled as `weightScale` says.
  static func plainSigns(_ options: MethodOptions) -> Method.Weights {
    .signs(options.has(.weightScale, "mean") ? WeightScaling(channels: nil, gradient: .constant) : nil)
  }
}
