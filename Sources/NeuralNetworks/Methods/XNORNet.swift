internal import EngineProtocol
private import Tensors

extension Method {
  /// XNOR-Net: binary weights, centered and scaled by their mean absolute value, and sign activations.
  /// - SeeAlso: Rastegari et al. 2016, arXiv:1603.05279.
  package static let xnorNet = Method(
    name: "xnorNet",
    summary: "binary weights, centered and scaled by their mean absolute value, and sign activations",
    paper: "Rastegari et al. 2016, arXiv:1603.05279", keys: [.scaleGradient, .inputScale]
  ) { options in
    let gradient = WeightScaling.Gradient(rawValue: "\(options[.scaleGradient])") ?? .exact
    return Form(
      words: options.has(.inputScale) ? "XNOR-Net, scaled inputs" : "XNOR-Net",
      // The layer sets the number of channels to center over.
      weights: .signs(WeightScaling(channels: 1, gradient: gradient)), activation: .sign,
      scalesInputs: options.has(.inputScale))
  }
}

extension MethodKey {
  /// How the gradient passes through the weights' scale.
  package static let scaleGradient = MethodKey(
    "scaleGradient", .choice(WeightScaling.Gradient.allCases.map(\.rawValue)),
    .word(WeightScaling.Gradient.exact.rawValue),
    "How the gradient passes through the weights' scale: exactly, as in the paper, or not at all (constant).")

  /// Whether products with signs are multiplied by K.
  package static let inputScale = MethodKey(
    "inputScale", .flag, .word("false"),
    "Whether products are also multiplied by K, the mean absolute value of the inputs.",
    elsewhere: "only xnorNet scales its inputs"
  ) { plan, _ in
    plan.hasDrawableSigns ? nil : "none of its activations is a plain sign"
  }
}
