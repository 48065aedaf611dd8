extension Method {
  /// Binarized neural network (BNN): binary weights and sign activations.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830.
  package static let bnn = Method(
    name: "bnn", summary: "binary weights and sign activations",
    paper: "Courbariaux et al. 2016, arXiv:1602.02830", initialization: .unit, keys: [.binarization, .weightScale],
    wordsWithoutLatentWeights: "BNN"
  ) { options in
    Form(
      words: options.has(.weightScale, "mean")
        ? "BNN, scaled weights" : options.has(.binarization, "stochastic") ? "BNN, stochastic weights" : "BNN",
      weights: .plainSigns(options), activation: .sign)
  }
}
